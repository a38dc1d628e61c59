import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What npm reads of a project. */
export interface NpmProject {
  /** For people who look into the cache. */
  readonly name: string;
  /** Path in the project -> text, of everything that npm reads: `package.json`, also those of workspaces, a lock file, `.npmrc`. */
  readonly manifests: Readonly<Record<string, string>>;
  /** `ci` where there is a lock file. */
  readonly command: "ci" | "install";
  /** PATH of the Node to install for; that of this process when absent. */
  readonly node?: { readonly version: string; readonly path: string };
}

/**
 * Installs once per manifests and Node version on this machine. Returns the folder, which holds the manifests,
 * the lock file and a complete node_modules: it got its name only after npm had succeeded.
 */
export async function installOnce(project: NpmProject): Promise<string> {
  const cache = join(tmpdir(), `dev-preview-npm-${userInfo().uid}`);
  const ready = join(cache, `${project.name}-${keyOf(project)}`);
  if (await exists(ready)) return ready;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const staging = await mkdtemp(join(cache, `${project.name}-staging-`));
  try {
    await writeFiles(staging, project.manifests);
    const env = { ...process.env, ...(project.node === undefined ? {} : { PATH: project.node.path }) };
    const flags = ["--include=dev", "--no-audit", "--no-fund"];
    await run("npm", [project.command, ...flags], { cwd: staging, env, maxBuffer: 32 * 1024 * 1024 });
    await rename(staging, ready);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    // another test run may have been faster; its folder is as good
    if (!(await exists(ready))) throw error;
  }
  return ready;
}

/**
 * Hard-links what was installed into a copy of the project, free to be changed: symlinks would lie outside the
 * project, which Vite and Next refuse to serve.
 */
export async function linkInstalled(installed: string, root: string, manifests: Iterable<string>): Promise<void> {
  for (const folder of new Set([...manifests].map((path) => dirname(path)))) {
    const from = join(installed, folder, "node_modules");
    if (await exists(from)) await run("cp", ["-al", from, join(root, folder, "node_modules")]);
  }
}

/** Writes texts to their paths below a folder. */
export async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

function keyOf({ manifests, command, node }: NpmProject): string {
  const parts = [command, node?.version ?? process.version, ...Object.entries(manifests).flat()];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
