import { join } from "node:path/posix";
import { PreviewError } from "../errors.ts";
import { declaredDependencies } from "./declared-dependencies.ts";
import { parseJsonWithComments } from "./json-with-comments.ts";
import { dependencyNames, readPackageJson } from "./package-json.ts";
import type { PackageJson } from "./package-json.ts";
import type { ProjectFiles } from "./project-files.ts";
import { readOnce } from "./read-once.ts";

/** One directory of a workspace, with what it says of itself. */
export interface Package {
  /** Relative to the workspace root. */
  readonly directory: string;
  readonly manifest: PackageJson | undefined;
  /** Tasks of deno.json, read when they are asked for. */
  tasks(): Promise<Readonly<Record<string, string>>>;
  /** By its npm name, or `py:name`, `gem:name`, `php:vendor/name`; other files are read only for those. */
  dependsOn(name: string): Promise<boolean>;
}

/** Reads packages, each once. */
export interface Packages {
  readonly files: ProjectFiles;
  at(directory: string): Promise<Package>;
}

export function createPackages(project: ProjectFiles): Packages {
  const files = readOnce(project);
  const known = new Map<string, Promise<Package>>();
  return {
    files,
    at(directory) {
      const found = known.get(directory) ?? readPackage(files, directory);
      known.set(directory, found);
      return found;
    },
  };
}

/** Those of many that can be read: a broken package.json, in a fixture for one, is not the launch's affair. */
export async function readablePackages(
  packages: Packages,
  directories: readonly string[],
): Promise<readonly Package[]> {
  const read = await Promise.all(
    directories.map((directory) =>
      packages.at(directory).catch((error: unknown) => {
        if (error instanceof PreviewError && error.code === "project_file_invalid") return undefined;
        throw error;
      }),
    ),
  );
  return read.filter((each) => each !== undefined);
}

async function readPackage(files: ProjectFiles, directory: string): Promise<Package> {
  const manifest = await readPackageJson(files, directory);
  const npm = new Set(dependencyNames(manifest));
  const others = new Map<string, Promise<ReadonlySet<string>>>();
  let tasks: Promise<Readonly<Record<string, string>>> | undefined;
  return {
    directory,
    manifest,
    tasks: () => (tasks ??= denoTasks(files, directory)),
    async dependsOn(name) {
      const prefix = /^(?:py|gem|php):/.exec(name)?.[0];
      if (prefix === undefined) return npm.has(name);
      const known = others.get(prefix) ?? declaredDependencies(files, directory, prefix);
      others.set(prefix, known);
      return (await known).has(name);
    },
  };
}

/** A task is a command line, or an object that has one. */
async function denoTasks(files: ProjectFiles, directory: string): Promise<Readonly<Record<string, string>>> {
  for (const name of ["deno.json", "deno.jsonc"]) {
    const text = await files.readText(join(directory, name));
    const parsed = text === undefined ? undefined : parseJsonWithComments(text);
    const tasks = isRecord(parsed) && isRecord(parsed["tasks"]) ? parsed["tasks"] : undefined;
    if (tasks !== undefined) return Object.fromEntries(Object.entries(tasks).flatMap(namedCommand));
  }
  return {};
}

function namedCommand([name, task]: [string, unknown]): [string, string][] {
  const command = isRecord(task) ? task["command"] : task;
  return typeof command === "string" ? [[name, command]] : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
