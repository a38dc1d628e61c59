import { cp, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installOnce, linkInstalled } from "./npm-install.ts";

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));

export type ExampleName = "vite-react" | "next-app" | "node-http";

export interface ExampleCopy extends AsyncDisposable {
  /** Absolute real path of the copy: a workspace of its own. */
  readonly root: string;
  /** Replaces text in a file of the copy; throws when it is not there. */
  edit(path: string, from: string, to: string): Promise<void>;
  close(): Promise<void>;
}

/** An example in a folder of its own, free to be edited, with its dependencies; `installed: false` leaves them out. */
export async function copyExample(
  name: ExampleName,
  options: { installed?: boolean; folder?: string } = {},
): Promise<ExampleCopy> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "dev-preview-example-")));
  const root = join(base, options.folder ?? name);
  const close = () => rm(base, { recursive: true, force: true, maxRetries: 5 });
  try {
    await copySources(name, root);
    if (options.installed !== false && existsSync(join(root, "package-lock.json"))) await linkDependencies(name, root);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    root,
    edit: (path, from, to) => replaceText(join(root, path), from, to),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Replaces text in a file; throws when it is not there. */
export async function replaceText(file: string, from: string, to: string): Promise<void> {
  const before = await readFile(file, "utf8");
  if (!before.includes(from)) throw new Error(`${file} does not contain ${from}`);
  await writeFile(
    file,
    before.replace(from, () => to),
  );
}

const generated = new Set(["node_modules", ".next", "dist"]);

async function copySources(name: ExampleName, target: string): Promise<void> {
  await cp(join(examples, name), target, { recursive: true, filter: (path) => !generated.has(basename(path)) });
}

async function linkDependencies(name: ExampleName, root: string): Promise<void> {
  const read = (file: string) => readFile(join(examples, name, file), "utf8");
  const manifests = {
    "package.json": await read("package.json"),
    "package-lock.json": await read("package-lock.json"),
  };
  const installed = await installOnce({ name, manifests, command: "ci" });
  await linkInstalled(installed, root, Object.keys(manifests));
}
