import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));

export type ExampleName = "vite-react" | "next-app" | "node-http";

export interface ExampleCopy {
  /** Absolute real path of the copy: a workspace of its own. */
  readonly root: string;
  /** Replaces text in a file of the copy; throws when it is not there. */
  edit(path: string, from: string, to: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * An example in a folder of its own, free to be edited. Its dependencies are installed once per lock
 * file and Node version on this machine and hard-linked into each copy: symlinks would lie outside the
 * project, which Vite and Next refuse to serve. `installed: false` leaves them out.
 */
export async function copyExample(
  name: ExampleName,
  options: { installed?: boolean; folder?: string } = {},
): Promise<ExampleCopy> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "dev-preview-example-")));
  const root = join(base, options.folder ?? name);
  const close = () => rm(base, { recursive: true, force: true, maxRetries: 5 });
  try {
    await copySources(name, root);
    if (options.installed !== false && (await exists(join(root, "package-lock.json"))))
      await linkDependencies(name, root);
  } catch (error) {
    await close();
    throw error;
  }
  return { root, edit: (path, from, to) => replaceText(join(root, path), from, to), close };
}

async function replaceText(file: string, from: string, to: string): Promise<void> {
  const before = await readFile(file, "utf8");
  if (!before.includes(from)) throw new Error(`${file} does not contain ${from}`);
  await writeFile(file, before.replace(from, to));
}

const generated = new Set(["node_modules", ".next", "dist"]);

async function copySources(name: ExampleName, target: string): Promise<void> {
  await cp(join(examples, name), target, { recursive: true, filter: (path) => !generated.has(basename(path)) });
}

async function linkDependencies(name: ExampleName, root: string): Promise<void> {
  const installed = await installOnce(name);
  await run("cp", ["-al", join(installed, "node_modules"), join(root, "node_modules")]);
}

/** The folder whose node_modules is complete: it got its name only after `npm ci` had succeeded. */
async function installOnce(name: ExampleName): Promise<string> {
  const lock = await readFile(join(examples, name, "package-lock.json"));
  const key = createHash("sha256").update(lock).update(process.version).digest("hex").slice(0, 16);
  const cache = join(tmpdir(), `dev-preview-examples-${userInfo().uid}`);
  const ready = join(cache, `${name}-${key}`);
  if (await exists(ready)) return ready;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const staging = await mkdtemp(join(cache, `${name}-staging-`));
  try {
    await copySources(name, staging);
    await run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], { cwd: staging });
    await rename(staging, ready);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    // another test run may have been faster; its folder is as good
    if (!(await exists(ready))) throw error;
  }
  return ready;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
