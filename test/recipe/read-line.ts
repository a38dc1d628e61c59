import { launchCommand } from "../../src/recipe/line/launch-command.ts";
import type { LaunchCommand } from "../../src/recipe/line/launch-command.ts";
import { createPackages } from "../../src/recipe/package.ts";
import type { ProjectFiles } from "../../src/recipe/project-files.ts";
import { workspaceOf } from "../../src/recipe/workspace.ts";

/** Files of a project that is on no disk; an object stands for its JSON. */
export function filesInMemory(contents: Readonly<Record<string, unknown>>): ProjectFiles {
  const paths = Object.keys(contents);
  return {
    readText: (path) => Promise.resolve(textOf(contents[path])),
    exists: (path) => Promise.resolve(paths.some((each) => each === path || each.startsWith(`${path}/`))),
    folders(path) {
      const below = paths.filter((each) => path === "" || each.startsWith(`${path}/`));
      const names = below.map((each) => each.slice(path === "" ? 0 : path.length + 1).split("/"));
      return Promise.resolve([...new Set(names.flatMap(([name, ...rest]) => (rest.length > 0 ? [name!] : [])))].sort());
    },
    repoDir: (named = "") => Promise.resolve({ path: `/project/${named}`, relativePath: named }),
  };
}

function textOf(content: unknown): string | undefined {
  return content === undefined || typeof content === "string" ? content : JSON.stringify(content);
}

/** Reads a command line as one that is run in `directory` of these files. */
export async function readLine(
  line: string,
  contents: Readonly<Record<string, unknown>> = {},
  directory = "",
): Promise<LaunchCommand> {
  const packages = createPackages(filesInMemory(contents));
  const workspace = workspaceOf(packages, directory);
  return await launchCommand({ packages, workspace }, line, await packages.at(directory));
}
