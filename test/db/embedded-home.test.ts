import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { makeHome } from "../../src/db/embedded-home.ts";
import { canReach, chooseOwner } from "../../src/db/embedded-owner.ts";
import { startEmbeddedServer } from "../../src/db/embedded-server.ts";
import { createLogger } from "../../src/logger.ts";

const isRoot = process.geteuid?.() === 0;
if (!isRoot) console.warn("skipped: what a root plane does with its directories (not root)");

const owner = { name: "nobody", uid: 65534, gid: 65534 };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function root(parent = tmpdir()): string {
  const directory = mkdtempSync(join(parent, "dpp-home-"));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("the home is the wanted directory, made and closed to others", async () => {
  const wanted = join(root(), "state", "postgres");
  expect(await makeHome(wanted, undefined)).toBe(wanted);
  expect(mode(wanted)).toBe("700");
  chmodSync(wanted, 0o755);
  await makeHome(wanted, undefined);
  expect(mode(wanted)).toBe("700");
});

describe.runIf(isRoot)("as root", () => {
  test("the state directory lets the owner's group pass and shows nothing, the home is the owner's", async () => {
    const state = join(root(), "state");
    mkdirSync(state, { mode: 0o700 });
    const home = await makeHome(join(state, "postgres"), owner);
    expect(home).toBe(join(state, "postgres"));
    expect([mode(state), statSync(state).gid]).toEqual(["710", owner.gid]);
    expect([mode(home), statSync(home).uid]).toEqual(["700", owner.uid]);
    expect(await canReach(home, owner)).toBe(true);
  });

  test("a state directory that is open already is left as it is", async () => {
    const state = join(root(), "state");
    mkdirSync(state, { mode: 0o755 });
    await makeHome(join(state, "postgres"), owner);
    expect([mode(state), statSync(state).gid]).toEqual(["755", 0]);
  });

  test("below a directory that stays closed the home goes elsewhere, and is found again", async () => {
    const state = join(root("/var/tmp"), "state");
    mkdirSync(state, { recursive: true, mode: 0o700 });
    const wanted = join(state, "postgres");
    const home = await makeHome(wanted, owner);
    cleanups.push(() => rmSync(home, { recursive: true, force: true }));
    expect(home).toMatch(/^\/var\/lib\/dev-preview\/[0-9a-f]{16}$/);
    expect([mode(home), statSync(home).uid]).toEqual(["700", owner.uid]);
    expect(mode(state)).toBe("700");
    expect(readFileSync(join(wanted, "location"), "utf8")).toBe(home);
    expect(await makeHome(wanted, owner)).toBe(home);
  });

  test("a state directory that was deleted and made anew gets a new home", async () => {
    const wanted = join(root("/var/tmp"), "state", "postgres");
    const old = await makeHome(wanted, owner);
    rmSync(wanted, { recursive: true });
    const fresh = await makeHome(wanted, owner);
    cleanups.push(() => [old, fresh].forEach((home) => rmSync(home, { recursive: true, force: true })));
    expect(fresh).not.toBe(old);
  });

  test("a location outside of our own place is not believed", async () => {
    const wanted = join(root(), "state", "postgres");
    mkdirSync(wanted, { recursive: true });
    writeFileSync(join(wanted, "location"), "/etc");
    expect(await makeHome(wanted, owner)).toBe(wanted);
  });

  test("data of a former owner is handed over, links in it are not followed", async () => {
    const wanted = join(root(), "state", "postgres");
    const outside = join(root(), "outside");
    writeFileSync(outside, "");
    const former = { name: "postgres", uid: 12_345, gid: 12_345 };
    await makeHome(wanted, former);
    mkdirSync(join(wanted, "data", "base"), { recursive: true });
    for (const name of ["", "base"]) chownSync(join(wanted, "data", name), former.uid, former.gid);
    symlinkSync(outside, join(wanted, "data", "base", "link"));
    await makeHome(wanted, owner);
    for (const name of ["", "base"]) expect(statSync(join(wanted, "data", name)).uid).toBe(owner.uid);
    expect(statSync(outside).uid).toBe(0);
  });

  test("a server whose state directory its owner cannot reach runs all the same", async () => {
    const directory = join(root("/var/tmp"), "state", "postgres");
    const server = await startEmbeddedServer({ directory, logger: createLogger("silent") });
    const home = readFileSync(join(directory, "location"), "utf8");
    cleanups.push(() => rmSync(home, { recursive: true, force: true }));
    cleanups.push(() => server.close());
    expect(server.connection.host).toBe(home);
    expect(existsSync(join(home, "data", "PG_VERSION"))).toBe(true);
  });

  test("the owner is postgres where there is one, else nobody, and without both it is refused", async () => {
    const passwd = join(root(), "passwd");
    const lines = { postgres: "postgres:x:101:104::/:/bin/sh", nobody: "nobody:x:65534:65533::/:/bin/sh" };
    writeFileSync(passwd, `root:x:0:0::/root:/bin/sh\n${lines.nobody}\n${lines.postgres}\n`);
    expect(await chooseOwner(passwd)).toEqual({ name: "postgres", uid: 101, gid: 104 });
    writeFileSync(passwd, `root:x:0:0::/root:/bin/sh\n${lines.nobody}\n`);
    expect(await chooseOwner(passwd)).toEqual({ name: "nobody", uid: 65534, gid: 65533 });
    writeFileSync(passwd, "root:x:0:0::/root:/bin/sh\n");
    await expect(chooseOwner(passwd)).rejects.toMatchObject({
      code: "database_unsupported",
      hint: expect.stringContaining("DATABASE_URL"),
    });
  });
});
