import { dirname, join } from "node:path/posix";
import { binFolders } from "./line/bin-folders.ts";
import { dependsOnAny } from "./depends-on.ts";
import { bindHost } from "./launch-env.ts";
import type { Package, Packages } from "./package.ts";
import type { ProjectSign, Recipe } from "./recipe.ts";
import { recipes } from "./recipes.ts";

export interface DetectedProject {
  readonly recipe: Recipe;
  /** The command that serves it, to run in its directory. */
  readonly command: string;
}

/** What a directory without a dev command is, by its dependencies, configuration and sources. */
export async function detectProject(packages: Packages, within: Package): Promise<DetectedProject | undefined> {
  for (const recipe of recipes) {
    for (const sign of recipe.projects ?? []) {
      const found = await findSign(packages, within, sign);
      if (found === undefined) continue;
      const command = withFound(sign.command, found);
      return { recipe, command: await withPrograms(packages, within, { recipe, command }) };
    }
  }
  return undefined;
}

interface Found {
  readonly file: string;
  readonly group: string;
}

async function findSign({ files }: Packages, within: Package, sign: ProjectSign): Promise<Found | undefined> {
  if (!(await dependsOnAny(within, sign.packages))) return undefined;
  if (sign.beside !== undefined && !(await anyExists(files, within.directory, sign.beside))) return undefined;
  if (sign.files === undefined) return { file: "", group: "" };
  for (const file of sign.files) {
    const path = join(within.directory, file);
    if (sign.content === undefined) {
      if (await files.exists(path)) return { file, group: "" };
      continue;
    }
    const text = await files.readText(path);
    const match = text === undefined ? null : sign.content.exec(text);
    if (match !== null) return { file, group: match[1] ?? "" };
  }
  return undefined;
}

async function anyExists(files: Packages["files"], directory: string, names: readonly string[]): Promise<boolean> {
  return (await Promise.all(names.map((name) => files.exists(join(directory, name))))).includes(true);
}

/** `src/main.py` is the module `src.main`, and `app/__init__.py` is `app`. */
function withFound(command: string, { file, group }: Found): string {
  const module = file
    .replace(/\.py$/, "")
    .replace(/\/__init__$/, "")
    .replaceAll("/", ".");
  return command
    .replaceAll("{file}", file)
    .replaceAll("{folder}", dirname(file))
    .replaceAll("{module}", module)
    .replaceAll("{1}", group)
    .replaceAll("{host}", bindHost);
}

/** A program of the project's own packages is found as its scripts would find it. */
async function withPrograms(
  packages: Packages,
  within: Package,
  { recipe, command }: DetectedProject,
): Promise<string> {
  if (recipe.runtime !== "node" || command.startsWith("node ")) return command;
  if (await packages.files.exists(join(within.directory, ".pnp.cjs"))) return `yarn run ${command}`;
  return `PATH="${binFolders(within.directory)}:$PATH" ${command}`;
}
