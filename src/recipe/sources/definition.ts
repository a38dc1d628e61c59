import * as z from "zod";

/** How a file of the project says that a server is started. */
export interface Definition {
  readonly source: DefinitionSource;
  readonly name: string;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  /** Relative to the workspace root; absent for the directory that the file counts for. */
  readonly directory?: string;
  /** A port that it insists on. */
  readonly port?: number;
}

export type DefinitionSource = ".claude/launch.json" | ".vscode/launch.json" | "Procfile.dev" | "Procfile";

/** Values that a launch.json may hold; one of the wrong shape counts as absent. */
export const text = z.string().optional().catch(undefined);
export const texts = z.array(z.string()).optional().catch(undefined);
export const variables = z.record(z.string(), z.coerce.string()).optional().catch(undefined);

/** `${workspaceFolder}/apps/web` relative to the root; `undefined` for a path with other variables in it, or outside. */
export function insideWorkspace(path: string | undefined): string | undefined {
  const plain = (path ?? "")
    .replace(/^\$\{workspace(?:Folder|Root)\}\/?/, "")
    .replace(/^\.\/?/, "")
    .replace(/\/$/, "");
  return plain.includes("${") || plain.startsWith("/") || plain.split("/").includes("..") ? undefined : plain;
}

/** Of several definitions, the one that is called like the preview, else the first. */
export function namedOrFirst<Named extends { readonly name: string }>(
  definitions: readonly Named[],
  name: string,
): Named | undefined {
  const same = definitions.find((each) => slug(each.name) === name);
  return same ?? (name === defaultName ? definitions[0] : undefined);
}

/** The name that a preview has when its caller gives none. */
export const defaultName = "web";

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
