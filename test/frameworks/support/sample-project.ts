import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { promisify } from "node:util";
import { replaceText } from "../../e2e/support/example-copy.ts";
import { installOnce, linkInstalled, writeFiles } from "../../e2e/support/npm-install.ts";
import type { Sample } from "../sample.ts";
import { nodeBin } from "./node-bin.ts";
import { npmPrograms } from "./npm-programs.ts";

const run = promisify(execFile);

/** A sample in a folder of its own, installed and prepared. */
export interface SampleProject {
  /** Absolute real path: a workspace of its own. */
  readonly root: string;
  /** PATH with which its programs are found. */
  readonly path: string;
  /** Version of the framework as installed. */
  readonly version: string;
  /** Major version of Node that its programs run on. */
  readonly node: number;
  /** Replaces text in a file; the returned function puts the file back as it was. */
  edit(file: string, from: string, to: string): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export async function makeSampleProject(sample: Sample): Promise<SampleProject> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "dev-preview-sample-")));
  const root = join(base, sample.name);
  const close = () => rm(base, { recursive: true, force: true, maxRetries: 5 });
  try {
    const path = await pathFor(sample);
    const env = { ...process.env, PATH: path };
    await writeFiles(root, sample.files);
    await install(sample, root, path);
    for (const [file, ...args] of sample.prepare ?? []) await run(file, args, { cwd: root, env });
    return { root, path, version: await versionOf(sample, root, env), node: nodeMajor(sample), edit, close };
  } catch (error) {
    await close();
    throw error;
  }

  async function edit(file: string, from: string, to: string): Promise<() => Promise<void>> {
    const target = join(root, file);
    const before = await readFile(target, "utf8");
    await replaceText(target, from, to);
    return () => writeFile(target, before);
  }
}

async function pathFor({ node, tools, needs }: Sample): Promise<string> {
  const before = [
    ...(node === undefined ? [] : [await nodeBin(node)]),
    ...(tools === undefined ? [] : [await npmPrograms(tools)]),
    ...(needs === undefined ? [] : ["/usr/bin"]),
  ];
  return [...before, process.env["PATH"] ?? ""].join(delimiter);
}

const readByNpm = new Set(["package.json", "package-lock.json", ".npmrc"]);

/** A user's project has the lock file that their own `npm install` wrote. */
async function install(sample: Sample, root: string, path: string): Promise<void> {
  const manifests = Object.fromEntries(Object.entries(sample.files).filter(([file]) => readByNpm.has(basename(file))));
  if (manifests["package.json"] === undefined) return;
  const node = sample.node === undefined ? {} : { node: { version: String(sample.node), path } };
  const installed = await installOnce({ name: sample.name, manifests, command: "install", ...node });
  await linkInstalled(installed, root, Object.keys(manifests));
  await copyFile(join(installed, "package-lock.json"), join(root, "package-lock.json"));
}

async function versionOf({ version }: Sample, root: string, env: NodeJS.ProcessEnv): Promise<string> {
  if ("npm" in version) {
    const manifest = await readFile(join(root, "node_modules", version.npm, "package.json"), "utf8");
    return (JSON.parse(manifest) as { version: string }).version;
  }
  const [file, ...args] = version.command;
  const { stdout, stderr } = await run(file, args, { cwd: root, env });
  const [found] = /\d+(?:\.\d+)+/.exec(`${stdout}\n${stderr}`) ?? [];
  if (found === undefined) throw new Error(`${version.command.join(" ")} tells no version: ${stdout}${stderr}`);
  return found;
}

function nodeMajor({ node }: Sample): number {
  return node ?? Number(process.versions.node.split(".")[0]);
}
