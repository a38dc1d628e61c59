import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { PlaneDatabase } from "../../src/db/open-database.ts";
import type { DatabaseUnderTest } from "./database-contract.ts";
import { newPreview, registerProject } from "./database-fixture.ts";

const org = { org: "acme", orgWide: true };

export function eventOrderContract(under: DatabaseUnderTest): void {
  test("an event that is committed late comes after those that could be read before", async () => {
    const slow = await registerProject(under.db, "slow");
    const start = await under.db.events.lastId();
    await under.fixture.admin.begin(async (sql) => {
      await sql`
        insert into dev_preview.previews (project_id, name, launch_id, sandbox_id, plane_id, command, repo_dir, ready_path, signed, requested_port)
        values (${slow.id}, 'web', 'late', 'local-test', 'plane-1', 'x', '/work/slow', '/', true, 3000)`;
      // a whole event comes and goes while the other transaction is open
      await registerProject(under.db, "quick");
      expect(await under.db.events.after(org, start, 10)).toMatchObject([{ project: "quick" }]);
    });
    expect(await under.db.events.after(org, start, 10)).toMatchObject([{ project: "quick" }, { project: "slow" }]);
  });

  test("whoever has been given an id keeps others waiting for theirs until it is committed", async () => {
    const start = await under.db.events.lastId();
    let second: Promise<unknown> = Promise.resolve();
    await under.fixture.admin.begin(async (sql) => {
      await sql`insert into dev_preview.events (type, org, data) values ('call.refused', 'acme', '{}')`;
      second = registerProject(under.db, "second");
      await untilWaiting(under);
      expect(await under.db.events.after(org, start, 10)).toEqual([]);
    });
    await second;
    expect(await under.db.events.after(org, start, 10)).toMatchObject([
      { type: "call.refused" },
      { project: "second" },
    ]);
  });

  test("a reader who follows the cursor misses nothing that many writers on two planes do at once", async () => {
    const planes = [under.db, await under.fixture.open()];
    const seen: number[] = [];
    let writing = true;
    const reading = (async () => {
      for (let cursor = 0; ;) {
        const last = !writing;
        const page = await under.db.events.after(org, cursor, 50);
        seen.push(...page.map(({ id }) => id));
        cursor = page.at(-1)?.id ?? cursor;
        if (last && page.length === 0) return;
      }
    })();
    await Promise.all(Array.from({ length: 24 }, (_, index) => write(planes[index % 2]!, index)));
    writing = false;
    await reading;
    const stored = await under.fixture.admin<{ id: string }[]>`select id from dev_preview.events order by id`;
    expect(seen).toEqual(stored.map(({ id }) => Number(id)));
    // project.registered, five each of started, minted, revoked and stopped, and project.removed
    expect(seen).toHaveLength(24 * 22);
  });

  test("writers that lock each other's rows do not wait in a ring", async () => {
    const planes = [under.db, await under.fixture.open()];
    const project = await registerProject(under.db);
    const settled = await Promise.allSettled(
      Array.from({ length: 20 }, async (_, index) => {
        const { previews, links } = planes[index % 2]!;
        const name = `p${index % 5}`;
        for (let round = 0; round < 5; round += 1) {
          const preview = await previews.claim(newPreview(project.id, { name, requestedPort: 3000 + index }));
          if (preview === undefined) continue;
          const { id: previewId, launchId } = preview;
          const link = { previewId, launchId, keyId: 0, gated: false, tokenHash: "0".repeat(64), port: 3000 + index };
          const id = `${index}`.padStart(4, "0") + `${round}`.padStart(12, "0");
          await links.insert({ ...link, id, expiresAt: new Date(Date.now() + 60_000) });
          const listener = { port: 4000 + index, address: "0.0.0.0", pid: 1, inode: "1" };
          await Promise.all([previews.recordListener(launchId, listener), previews.requestStop(previewId)]);
          await previews.transition(launchId, { from: ["starting"], to: "stopped" });
        }
      }),
    );
    expect(settled.filter(({ status }) => status === "rejected")).toEqual([]);
  });
}

async function write({ projects, previews, links }: PlaneDatabase, index: number): Promise<void> {
  const slug = `p${index}`;
  const project = (await projects.put({ org: "acme", slug, sandboxDriver: "local", workspaceRoot: `/work/${slug}` }))!;
  for (let round = 0; round < 5; round += 1) {
    const { id: previewId, launchId } = (await previews.claim(newPreview(project.id)))!;
    const id = `${index}`.padStart(4, "a") + `${round}`.padStart(12, "0");
    const link = { id, previewId, launchId, port: 3000, keyId: 0, gated: false, tokenHash: "0".repeat(64) };
    await links.insert({ ...link, expiresAt: new Date(Date.now() + 60_000) });
    await previews.requestStop(previewId);
    await previews.transition(launchId, { from: ["starting"], to: "stopped" });
  }
  await projects.remove("acme", slug);
}

/** Until somebody waits for an advisory lock. */
async function untilWaiting({ fixture }: DatabaseUnderTest): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await pause(5)) {
    const waiting = await fixture.admin`select 1 from pg_locks where locktype = 'advisory' and not granted`;
    if (waiting.length > 0) return;
  }
  throw new Error("nobody waits");
}
