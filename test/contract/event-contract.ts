import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { eventTable } from "../../src/preview/events/events.ts";
import type { EventType } from "../../src/preview/events/events.ts";
import type { EventRecord, RecordFilter } from "../../src/preview/events/event-store.ts";
import { problem } from "../../src/preview/problem.ts";
import type { PreviewState } from "../../src/preview/record.ts";
import type { DatabaseUnderTest } from "./database-contract.ts";
import { claimed, hour, liveLink, newLink, newPreview, ready, registerProject, stop } from "./database-fixture.ts";

const ada = { user: "ada", key: "0123456789abcdef" };
export const acme: RecordFilter = { org: "acme", orgWide: true };
const day = 24 * hour;

/** Type and payload, as the schema of the type lets it through; fails where the payload has more. */
function told({ type, data }: EventRecord) {
  const { data: schema } = eventTable[type as EventType];
  expect(schema.strict().parse(data)).toEqual(data);
  return { type, ...data };
}

export function eventContract(under: DatabaseUnderTest): void {
  const events = (filter: Partial<RecordFilter> = {}) => under.db.events.after({ ...acme, ...filter }, 0, 1000);
  const types = async (prefix = "") =>
    (await events()).map(({ type }) => type).filter((type) => type.startsWith(prefix));
  const change = (launchId: string, to: PreviewState, more: object = {}) =>
    under.db.previews.transition(launchId, {
      from: ["starting", "ready", "unhealthy", "idle", "crashed"],
      to,
      ...more,
    });

  test("the life of a preview is on record, with the port and what was seen, and never its command", async () => {
    const { id: previewId, launchId } = await ready(under.db);
    await change(launchId, "unhealthy", { problems: [problem("exited", "SECRET")] });
    await change(launchId, "crashed", { exitCode: 3, problems: [problem("exited", "SECRET")] });
    const about = { previewId, launchId, name: "web", port: 3000 };
    const all = await events({ projects: ["demo"], orgWide: false });
    expect(all.map(told)).toEqual([
      { type: "project.registered" },
      { type: "preview.started", ...about, attached: false },
      { type: "preview.ready", ...about },
      { type: "preview.unhealthy", ...about, problems: ["exited"] },
      { type: "preview.crashed", ...about, exitCode: 3, problems: ["exited"] },
    ]);
    expect(new Set(all.map(({ org, project }) => `${org}/${project}`))).toEqual(new Set(["acme/demo"]));
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted((a, b) => a - b));
    expect(JSON.stringify(all)).not.toContain("SECRET");
  });

  test("what changes nothing is no event", async () => {
    const preview = await ready(under.db);
    const before = await events();
    expect(await change(preview.launchId, "ready")).toBeDefined();
    await under.db.previews.touch([{ previewId: preview.id, at: new Date() }]);
    await registerProject(under.db);
    expect(await change("no such launch", "crashed")).toBeUndefined();
    expect(await events()).toEqual(before);
  });

  test("a stop, a restart and an end by the plane are told apart", async () => {
    const { launchId, projectId } = await ready(under.db);
    await change(launchId, "crashed", { cause: "restart" });
    const next = (await under.db.previews.claim(newPreview(projectId)))!;
    await change(next.launchId, "idle");
    await change(next.launchId, "starting");
    await change(next.launchId, "stopped", { by: ada });
    const last = (await under.db.previews.claim(newPreview(projectId)))!;
    await change(last.launchId, "stopped", { cause: "expired" });
    const all = (await events()).filter(({ type }) => type.startsWith("preview."));
    expect(all.map(told)).toMatchObject([
      { type: "preview.started" },
      { type: "preview.ready" },
      { type: "preview.stopped", cause: "restart" },
      { type: "preview.started", launchId: next.launchId },
      { type: "preview.idle" },
      { type: "preview.woken" },
      { type: "preview.stopped", cause: "asked" },
      { type: "preview.started", launchId: last.launchId },
      { type: "preview.reaped", cause: "expired" },
    ]);
    expect(all[6]).toMatchObject({ userName: "ada", keyId: ada.key });
  });

  test("what a preview is shown to is on record by number, where it changes", async () => {
    const { id: previewId, launchId } = await ready(under.db);
    await under.db.previews.share(previewId, { guests: ["SECRET"], embedOrigins: ["https://chat.example.com"] }, ada);
    await under.db.previews.share(previewId, { guests: ["SECRET"] }, ada);
    const shared = await events({ type: "preview.shared" });
    const about = { previewId, launchId, name: "web", port: 3000 };
    expect(shared.map(told)).toEqual([{ type: "preview.shared", ...about, embedOrigins: 1, guests: 1 }]);
    expect(shared[0]).toMatchObject({ userName: "ada", keyId: ada.key });
    expect(JSON.stringify(shared)).not.toContain("SECRET");
  });

  test("whoever starts or wakes a preview is named with the key; of one that a visit wakes nobody is", async () => {
    const { projectId, launchId } = await ready(under.db, {});
    const wakes = async (slept: string, by?: typeof ada) => {
      await change(slept, "idle");
      const next = newPreview(projectId, { wakes: slept });
      return (await under.db.previews.claim(next, { user: "bob", limits: {}, ...(by && { by }) }))!.launchId;
    };
    await wakes(await wakes(launchId, ada).then(async (woken) => (await change(woken, "ready"))!.launchId));
    const woken = await events({ type: "preview.woken" });
    expect(woken).toMatchObject([{ userName: "ada", keyId: ada.key }, {}]);
    expect(woken[1]).not.toHaveProperty("userName");
    const second = newPreview(projectId, { name: "api" });
    await under.db.previews.claim(second, { user: "ada", limits: {}, by: ada });
    expect((await events({ type: "preview.started" }))[1]).toMatchObject({ userName: "ada", keyId: ada.key });
  });

  test("whoever attaches a server is named with the key, where somebody does", async () => {
    const { id: projectId } = await registerProject(under.db);
    await under.db.previews.claim(newPreview(projectId, { name: "one", attached: true, by: ada }));
    await under.db.previews.claim(newPreview(projectId, { name: "two", attached: true }));
    const [one, two] = await events({ type: "preview.started" });
    expect(one).toMatchObject({ userName: "ada", keyId: ada.key });
    expect(two).not.toHaveProperty("userName");
  });

  test("whoever starts a preview is named", async () => {
    const project = await registerProject(under.db);
    await under.db.previews.claim(newPreview(project.id), { user: "bob", session: "s", limits: {} });
    expect((await events({ type: "preview.started" }))[0]).toMatchObject({ userName: "bob" });
  });

  test("a link is on record when it is made, rotated and ended, and why", async () => {
    const preview = await ready(under.db);
    const insert = async (by?: typeof ada) => (await under.db.links.insert(newLink(preview), by))!;
    const [first, second] = [await insert(ada), await insert()];
    await under.db.links.revoke(preview.id, { exceptId: second.id, cause: "rotate", by: ada });
    await under.db.links.revoke(preview.id);
    const third = await insert();
    await stop(under.db, preview);
    const about = { previewId: preview.id, name: "web", port: 3000, gated: false };
    const all = (await events()).filter(({ type }) => type.startsWith("link."));
    expect(all.map(told)).toEqual([
      { type: "link.minted", linkId: first.id, ...about, expiresAt: isoSeconds(first.expiresAt) },
      { type: "link.minted", linkId: second.id, ...about, expiresAt: isoSeconds(second.expiresAt) },
      { type: "link.rotated", linkId: first.id, ...about },
      { type: "link.revoked", linkId: second.id, ...about, cause: "asked" },
      { type: "link.minted", linkId: third.id, ...about, expiresAt: isoSeconds(third.expiresAt) },
      { type: "link.revoked", linkId: third.id, ...about, cause: "stop" },
    ]);
    expect([all[0], all[2], all[3]]).toMatchObject([{ userName: "ada" }, { userName: "ada" }, {}]);
    expect(all[3]).not.toHaveProperty("userName");
    expect(JSON.stringify(all)).not.toContain(first.tokenHash);
  });

  test("links that do not follow to the next launch end with that as their cause", async () => {
    const preview = await ready(under.db);
    await under.db.links.insert(newLink(preview, { port: 4000 }));
    await under.db.links.insert(newLink(preview));
    await change(preview.launchId, "crashed");
    const next = (await under.db.previews.claim(newPreview(preview.projectId)))!;
    expect(await liveLink(under.db, next)).toBeDefined();
    await under.db.previews.recordListener(next.launchId, {
      ...next.listener!,
      port: 3001,
      address: "::",
      pid: 1,
      inode: "1",
    });
    const revoked = (await events({ type: "link.revoked" })).map(told);
    expect(revoked).toMatchObject([
      { port: 4000, cause: "launch" },
      { port: 3000, cause: "port" },
    ]);
  });

  test("logins and logouts belong to the org, and name the session by a part of its hash", async () => {
    const id = createHash("sha256").update(randomBytes(8)).digest("hex");
    await under.db.login.insertSession({ id, org: "acme", user: "eve", expiresAt: Date.UTC(2040, 0, 1) });
    await under.db.login.endSession(id);
    await under.db.login.endSession(id);
    const all = await events();
    const session = { session: id.slice(0, 16), user: "eve" };
    expect(all.map(told)).toEqual([
      { type: "session.login", ...session, expiresAt: "2040-01-01T00:00:00Z" },
      { type: "session.logout", ...session, cause: "asked" },
    ]);
    expect(all.every(({ project, userName }) => project === undefined && userName === "eve")).toBe(true);
  });

  test("API keys are on record without their secrets", async () => {
    const secretHash = "5".repeat(64);
    const key = { id: "00000000000000aa", org: "acme", userName: "ci", label: "LABEL", secretHash };
    await under.db.apiKeys.insert({ ...key, scopes: ["preview:read"], projects: ["demo"] }, ada);
    await under.db.apiKeys.rotate("acme", key.id, { secretHash: "6".repeat(64), graceUntil: new Date(), by: ada });
    await under.db.apiKeys.touch([{ id: key.id, at: new Date() }]);
    await under.db.apiKeys.revoke("acme", key.id, ada);
    await under.db.apiKeys.revoke("acme", key.id);
    const all = await events();
    expect(all.map(told)).toEqual([
      { type: "key.created", keyId: key.id, user: "ci", scopes: ["preview:read"], projects: 1 },
      { type: "key.rotated", keyId: key.id, user: "ci" },
      { type: "key.revoked", keyId: key.id, user: "ci" },
    ]);
    expect(all.every(({ userName, keyId }) => userName === "ada" && keyId === ada.key)).toBe(true);
    expect(JSON.stringify(all)).not.toMatch(/5{64}|6{64}|LABEL/);
  });

  test("the record of a project outlives it", async () => {
    await under.db.projects.put(
      { org: "acme", slug: "gone", sandboxDriver: "local", workspaceRoot: "/work/gone" },
      ada,
    );
    await under.db.projects.remove("acme", "gone", ada);
    expect(await events({ projects: ["gone"], orgWide: false })).toMatchObject([
      { type: "project.registered", userName: "ada", project: "gone" },
      { type: "project.removed", userName: "ada", project: "gone" },
    ]);
  });

  test("an event that cannot be written undoes the change", async () => {
    const preview = await ready(under.db);
    await under.fixture.admin`
      create function dev_preview.refuse() returns trigger language plpgsql as $$
      begin raise exception 'no'; end $$`;
    await under.fixture.admin`
      create trigger refuse before insert on dev_preview.events for each row execute function dev_preview.refuse()`;
    await expect(change(preview.launchId, "crashed")).rejects.toThrow("refused a statement");
    expect(await under.db.previews.byId(preview.id)).toMatchObject({ state: "ready" });
    await under.fixture.admin`drop trigger refuse on dev_preview.events`;
    expect(await change(preview.launchId, "crashed")).toMatchObject({ state: "crashed" });
  });

  test("an org reads its own, a caller bound to projects those, and only who may what is the org's", async () => {
    await registerProject(under.db, "one");
    await registerProject(under.db, "two");
    const refused = (org: string) => ({
      type: "call.refused" as const,
      owner: { org },
      data: { code: "x", call: "url" },
      count: 2,
    });
    await under.db.events.append([refused("acme"), refused("rival")]);
    const seen = async (filter: Partial<RecordFilter>) =>
      (await events(filter)).map(({ type, project }) => project ?? type);
    expect(await seen({})).toEqual(["one", "two", "call.refused"]);
    expect(await seen({ orgWide: false })).toEqual(["one", "two"]);
    expect(await seen({ projects: ["two", "three"], orgWide: false })).toEqual(["two"]);
    expect(await seen({ projects: [], orgWide: false })).toEqual([]);
    expect(await seen({ projects: ["two"] })).toEqual(["two", "call.refused"]);
    expect(await seen({ type: "call.refused" })).toEqual(["call.refused"]);
    expect(await seen({ org: "rival" })).toEqual(["call.refused"]);
    expect(await seen({ org: "nobody" })).toEqual([]);
  });

  test("what is recorded of a preview goes to its org and project, and of one that is gone nowhere", async () => {
    const preview = await ready(under.db);
    const limit = (ofPreview: string) => ({
      type: "limit.reached" as const,
      owner: { ofPreview },
      by: ada,
      data: { limit: "link connections", most: 200, previewId: ofPreview },
      count: 7,
    });
    await under.db.events.append([limit(preview.id), limit("gone")]);
    const all = await events({ type: "limit.reached" });
    expect(all.map(told)).toEqual([
      { type: "limit.reached", limit: "link connections", most: 200, previewId: preview.id, count: 7 },
    ]);
    expect(all[0]).toMatchObject({ org: "acme", project: "demo", userName: "ada", keyId: ada.key });
  });

  test("pages follow each other without a gap, and the last ones come without a cursor", async () => {
    for (let index = 0; index < 7; index += 1) await registerProject(under.db, `p${index}`);
    const seen: (string | undefined)[] = [];
    for (let after = 0; ;) {
      const page = await under.db.events.after(acme, after, 3);
      if (page.length === 0) break;
      seen.push(...page.map(({ project }) => project));
      after = page.at(-1)!.id;
    }
    expect(seen).toEqual(["p0", "p1", "p2", "p3", "p4", "p5", "p6"]);
    expect((await under.db.events.newest(acme, 2)).map(({ project }) => project)).toEqual(["p5", "p6"]);
    expect(await under.db.events.lastId()).toBe((await under.db.events.newest(acme, 1))[0]!.id);
  });

  test("every plane hears of an event within a second", async () => {
    let heard = 0;
    (await under.fixture.open()).onEvents(() => (heard += 1));
    await registerProject(under.db);
    await expect.poll(() => heard, { timeout: 1000, interval: 5 }).toBeGreaterThan(0);
  });

  test("events are neither changed nor deleted, but by the retention, and what is younger than a day not even so", async () => {
    await claimed(under.db);
    const { admin } = under.fixture;
    await expect(admin`update dev_preview.events set type = 'a.b'`).rejects.toThrow("only grows");
    await expect(admin`delete from dev_preview.events`).rejects.toThrow("only grows");
    await expect(admin`truncate dev_preview.events`).rejects.toThrow("only grows");
    expect(await under.db.events.sweep(new Date(Date.now() - day))).toBe(0);
    await expect(under.db.events.sweep(new Date(Date.now() + day))).rejects.toThrow("refused a statement");
    expect(await types()).toEqual(["project.registered", "preview.started"]);
    await under.fixture.admin`alter table dev_preview.events disable trigger events_keep`;
    await under.fixture
      .admin`update dev_preview.events set at = now() - interval '3 days' where type = 'project.registered'`;
    await under.fixture.admin`alter table dev_preview.events enable trigger events_keep`;
    expect(await under.db.events.sweep(new Date(Date.now() - 4 * day))).toBe(0);
    expect(await under.db.events.sweep(new Date(Date.now() - 2 * day))).toBe(1);
    expect(await types()).toEqual(["preview.started"]);
  });
}

function isoSeconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
