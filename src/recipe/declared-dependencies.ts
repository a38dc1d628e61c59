import { join } from "node:path/posix";
import type { ProjectFiles } from "./project-files.ts";

interface Source {
  readonly files: readonly string[];
  readonly prefix: string;
  /** Group 1 is the name of a dependency. */
  readonly name: RegExp;
}

const sources: readonly Source[] = [
  {
    files: ["requirements.txt", "requirements-dev.txt", "requirements/dev.txt", "requirements/base.txt"],
    prefix: "py:",
    name: /^[ \t]*([A-Za-z][\w.-]*)/gm,
  },
  // [project] dependencies are strings in a list, Poetry's and Pipenv's are keys of a table
  { files: ["pyproject.toml"], prefix: "py:", name: /^[ \t]*["']?([A-Za-z][\w.-]*)(?=["'[\s<>=!~;])/gm },
  { files: ["pyproject.toml"], prefix: "py:", name: /[[,]\s*["']([A-Za-z][\w.-]*)/g },
  { files: ["Pipfile"], prefix: "py:", name: /^[ \t]*["']?([A-Za-z][\w.-]*)["']?[ \t]*=/gm },
  { files: ["Gemfile"], prefix: "gem:", name: /^[ \t]*gem[ \t]+["']([\w.-]+)["']/gm },
  { files: ["composer.json"], prefix: "php:", name: /"([\w.-]+\/[\w.-]+)"\s*:/g },
];

/**
 * Names, with their prefix, of what a directory depends on in a language other than JavaScript. Too
 * many is harmless: only names that recipes know are asked for.
 */
export async function declaredDependencies(
  files: ProjectFiles,
  directory: string,
  prefix: string,
): Promise<ReadonlySet<string>> {
  const found = await Promise.all(
    sources
      .filter((source) => source.prefix === prefix)
      .flatMap((source) => source.files.map((file) => namesIn(files, join(directory, file), source))),
  );
  return new Set(found.flat());
}

async function namesIn(files: ProjectFiles, path: string, { prefix, name }: Source): Promise<readonly string[]> {
  const text = (await files.readText(path)) ?? "";
  return [...text.matchAll(name)].flatMap(([, found]) => (found === undefined ? [] : [prefix + found.toLowerCase()]));
}
