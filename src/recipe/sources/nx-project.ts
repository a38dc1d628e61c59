import { join } from "node:path/posix";
import { binFolders } from "../line/bin-folders.ts";
import { quoted } from "../line/shell-line.ts";
import { parseJsonWithComments } from "../json-with-comments.ts";
import type { ChosenCommand, LaunchSearch } from "../launch-search.ts";
import { readCommand } from "../read-command.ts";

/** Targets that serve, as projects declare them, and as nx infers them from a configuration. */
const declared = ["serve", "dev", "start"];
const inferred: readonly { readonly files: readonly string[]; readonly target: string }[] = [
  { files: ["next", "react-router", "remix", "rsbuild"].flatMap(configurations), target: "dev" },
  { files: ["vite", "webpack", "rspack", "nuxt"].flatMap(configurations), target: "serve" },
];

/** Executors of servers without pages: those start only where a caller asks for them. */
const pageless = /@nx\/(?:js|node|nest|express):/;

/** A project of nx that has no script of its own: it is served from the root of the nx workspace. */
export async function fromNx(search: LaunchSearch): Promise<ChosenCommand | undefined> {
  const { packages, workspace } = search.reading;
  const { files } = packages;
  const { directory } = search.within;
  const text = await files.readText(join(directory, "project.json"));
  const root = text === undefined ? undefined : await workspace.root();
  if (root === undefined || text === undefined || !(await files.exists(join(root, "nx.json")))) return undefined;
  const project = parseJsonWithComments(text);
  const targets = field(project, "targets");
  const target = declared.find((name) => field(targets, name) !== undefined) ?? (await inferredTarget(search));
  if (target === undefined || pageless.test(JSON.stringify(field(targets, target) ?? ""))) return undefined;
  const name = field(project, "name");
  const spoken = typeof name === "string" ? name : directory.slice(directory.lastIndexOf("/") + 1);
  const line = `PATH="${binFolders(root)}:$PATH" nx run ${quoted(`${spoken}:${target}`)}`;
  return await readCommand(search, { line, source: "files", within: await packages.at(root) });
}

async function inferredTarget({ reading, within }: LaunchSearch): Promise<string | undefined> {
  for (const { files, target } of inferred) {
    const found = await Promise.all(files.map((file) => reading.packages.files.exists(join(within.directory, file))));
    if (found.includes(true)) return target;
  }
  return undefined;
}

function configurations(tool: string): readonly string[] {
  return ["js", "ts", "mjs", "mts", "cjs", "cts"].map((extension) => `${tool}.config.${extension}`);
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
