import { join } from "node:path/posix";
import * as z from "zod";
import { PreviewError } from "../errors.ts";
import type { ProjectFiles } from "./project-files.ts";

const texts = z.record(z.string(), z.string());

/** The fields that matter to a launch; one of the wrong shape counts as absent, as the package managers see it. */
const packageJsonSchema = z.object({
  name: z.string().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  scripts: texts.optional().catch(undefined),
  dependencies: texts.optional().catch(undefined),
  devDependencies: texts.optional().catch(undefined),
  optionalDependencies: texts.optional().catch(undefined),
  workspaces: z.unknown().optional(),
  /** wireit's scripts: a command each, or none. */
  wireit: z
    .record(z.string(), z.object({ command: z.string().optional().catch(undefined) }))
    .optional()
    .catch(undefined),
  packageManager: z.string().optional().catch(undefined),
});

export type PackageJson = z.infer<typeof packageJsonSchema>;

/** `package.json` of a directory; `undefined` without one, `project_file_invalid` when it is no JSON object. */
export async function readPackageJson(files: ProjectFiles, directory: string): Promise<PackageJson | undefined> {
  const path = join(directory, "package.json");
  const text = await files.readText(path);
  if (text === undefined) return undefined;
  try {
    return packageJsonSchema.parse(JSON.parse(text.replace(/^\uFEFF/, "")));
  } catch (error) {
    throw new PreviewError("project_file_invalid", `${path} is not a JSON object`, {
      hint: `Correct the syntax of ${path}.`,
      cause: error,
    });
  }
}

/** Names of everything that an installation with development dependencies brings. */
export function dependencyNames(manifest: PackageJson | undefined): readonly string[] {
  const { dependencies, devDependencies, optionalDependencies } = manifest ?? {};
  return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
}
