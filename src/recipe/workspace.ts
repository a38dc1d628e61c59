import { join } from "node:path/posix";
import { upward } from "./package-manager.ts";
import { readablePackages } from "./package.ts";
import type { Package, Packages } from "./package.ts";
import { parseJsonWithComments } from "./json-with-comments.ts";
import { matchFolders } from "./match-folders.ts";

/**
 * The packages that are developed together, as pnpm, npm, yarn, bun, lerna, deno or nx declare them.
 * Nothing is read before it is asked for: most launches need none of it.
 */
export interface Workspace {
  /** Directory of the declaration; `undefined` where nothing is declared. */
  root(): Promise<string | undefined>;
  /** Without the root itself; sorted by directory. */
  members(): Promise<readonly Package[]>;
  /** By the package's name, with or without its scope, or by its directory seen from `from`. */
  find(named: string, from: string): Promise<Package | undefined>;
}

/** The workspace that a directory belongs to: the nearest declaration, looking up to the workspace root. */
export function workspaceOf(packages: Packages, directory: string): Workspace {
  let declared: Promise<Declaration | undefined> | undefined;
  let members: Promise<readonly Package[]> | undefined;
  const declaration = (): Promise<Declaration | undefined> => (declared ??= findDeclaration(packages, directory));
  const read = (): Promise<readonly Package[]> =>
    (members ??= declaration().then((found) => (found === undefined ? [] : readMembers(packages, found))));
  return {
    root: async () => (await declaration())?.root,
    members: read,
    async find(named, from) {
      const all = await read();
      const path = join(from, named).replace(/\/$/, "");
      return (
        all.find(({ manifest }) => manifest?.name === named) ??
        all.find((each) => each.directory === path) ??
        all.find((each) => !named.startsWith("@") && unscoped(each) === named)
      );
    },
  };
}

interface Declaration {
  readonly root: string;
  readonly patterns: readonly string[];
}

async function findDeclaration(packages: Packages, directory: string): Promise<Declaration | undefined> {
  for (const root of upward(directory)) {
    const patterns = await patternsAt(packages, root);
    if (patterns !== undefined) return { root, patterns };
  }
  return undefined;
}

/** Last part of the package's name, else of its directory. */
export function unscoped({ manifest, directory }: Package): string {
  return (manifest?.name ?? directory).replace(/^.*\//, "");
}

async function readMembers(packages: Packages, { root, patterns }: Declaration): Promise<readonly Package[]> {
  const found = await readablePackages(packages, await matchFolders(packages.files, root, patterns));
  const counts = await Promise.all(
    found.map(async (each) => each.manifest !== undefined || (await isProject(packages, each.directory))),
  );
  return found.filter((each, index) => counts[index] === true && each.directory !== root);
}

async function isProject({ files }: Packages, directory: string): Promise<boolean> {
  const marks = await Promise.all(
    ["project.json", "deno.json", "deno.jsonc"].map((name) => files.exists(join(directory, name))),
  );
  return marks.includes(true);
}

async function patternsAt(packages: Packages, folder: string): Promise<readonly string[] | undefined> {
  const { files } = packages;
  const { manifest } = await packages.at(folder);
  const pnpm = await files.readText(join(folder, "pnpm-workspace.yaml"));
  const declared = [
    ...listIn(manifest?.workspaces),
    ...yamlList(pnpm ?? "", "packages"),
    ...(await jsonList(packages, join(folder, "lerna.json"), "packages")),
    ...(await jsonList(packages, join(folder, "deno.json"), "workspace")),
  ];
  if (declared.length > 0) return declared;
  if (await files.exists(join(folder, "nx.json"))) return ["apps/**", "packages/*", "libs/*"];
  return manifest?.workspaces === undefined && pnpm === undefined ? undefined : [];
}

/** `["apps/*"]`, or yarn's `{ "packages": ["apps/*"] }`. */
function listIn(value: unknown): readonly string[] {
  const list = Array.isArray(value)
    ? value
    : typeof value === "object" && value !== null && "packages" in value
      ? value.packages
      : [];
  return Array.isArray(list) ? list.filter((each) => typeof each === "string") : [];
}

async function jsonList({ files }: Packages, path: string, key: string): Promise<readonly string[]> {
  const text = await files.readText(path);
  const parsed = text === undefined ? undefined : parseJsonWithComments(text);
  return typeof parsed === "object" && parsed !== null
    ? listIn(Object.entries(parsed).find(([name]) => name === key)?.[1])
    : [];
}

/** One list of strings at the top of a YAML file, in either of its two spellings. */
function yamlList(text: string, key: string): readonly string[] {
  const start = new RegExp(`^${key}:`, "m").exec(text);
  // only what follows the first one is read, so that a text full of beginnings costs no more than its length
  const flow = start === null ? undefined : /^\s*\[([^\]]*)\]/.exec(text.slice(start.index + start[0].length))?.[1];
  if (flow !== undefined) return flow.split(",").map(yamlText).filter(Boolean);
  const block = new RegExp(String.raw`^${key}:[ \t]*(?:#.*)?\n((?:[ \t]*(?:-.*|#.*)?(?:\n|$))*)`, "m").exec(text)?.[1];
  return (block ?? "")
    .split("\n")
    .flatMap((line) => /^\s*-\s*(.+)$/.exec(line)?.[1] ?? [])
    .map(yamlText);
}

function yamlText(text: string): string {
  return text
    .replace(/(?<!\s)\s+#.*$/, "")
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2");
}
