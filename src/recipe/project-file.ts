import { join } from "node:path/posix";
import * as z from "zod";
import { PreviewError } from "../errors.ts";
import { oneLine, quoted } from "../plain-words.ts";
import type { ProjectFiles } from "./project-files.ts";

export const projectFileName = "dev-preview.json";

const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes("\0"), "no NUL");

/** `dev-preview.json`: how this project wants to be launched. */
const projectFileSchema = z.strictObject({
  $schema: z.string().optional(),
  command: text(4000)
    .refine((value) => value.trim() !== "", "a shell command")
    .optional()
    .describe("Shell command; {port} is replaced, PORT is in the environment"),
  port: z.int().min(1024).max(65535).optional().describe("Port to ask for; default: a free one"),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable"), text(32_768))
    .optional()
    .describe("Extra environment; {port} is replaced"),
  readyPath: z
    .string()
    .max(2048)
    .regex(/^\/[\x21-\x7e]*$/, "a path that starts with /, printable ASCII, percent-encoded")
    .optional()
    .describe("Path that must answer"),
  repoDir: text(4096).min(1).optional().describe("Only in the workspace root: the directory to run in, relative to it"),
});

export type ProjectFile = z.infer<typeof projectFileSchema>;

/** Reads `dev-preview.json` of a directory; `project_file_invalid` names the file and every problem in it. */
export async function readProjectFile(files: ProjectFiles, directory: string): Promise<ProjectFile | undefined> {
  const path = join(directory, projectFileName);
  const source = await files.readText(path);
  if (source === undefined) return undefined;
  const parsed = projectFileSchema.safeParse(parseJson(path, source));
  if (!parsed.success) throw invalid(path, parsed.error.issues.flatMap(describe));
  return parsed.data;
}

export function invalid(path: string, problems: readonly string[], cause?: unknown): PreviewError {
  return new PreviewError("project_file_invalid", `${path} is invalid: ${oneLine(problems.join("; "))}`, {
    hint: `Correct ${path}; its fields are command, port, env, readyPath, repoDir.`,
    cause,
  });
}

function parseJson(path: string, source: string): unknown {
  try {
    return JSON.parse(source.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw invalid(path, ["not JSON"], error);
  }
}

function describe(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map((step) => nameOf(String(step))).join(".");
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `${nameOf(key)}: no such field`);
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [`${at === "" ? "the file" : at}: ${message}`];
}

/** A name that is no plain word was not meant as one: it is quoted. */
function nameOf(key: string): string {
  return /^[\w$-]{1,40}$/.test(key) ? key : quoted(key, 40);
}
