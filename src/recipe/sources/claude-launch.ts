import { join } from "node:path/posix";
import * as z from "zod";
import { insideWorkspace, text, texts, variables } from "./definition.ts";
import type { Definition } from "./definition.ts";
import { parseJsonWithComments } from "../json-with-comments.ts";
import type { ProjectFiles } from "../project-files.ts";
import { quoted } from "../line/shell-line.ts";

const configuration = z.object({
  name: z.string(),
  runtimeExecutable: text,
  runtimeArgs: texts,
  program: text,
  args: texts,
  cwd: text,
  env: variables,
  port: z.int().min(1024).max(65_535).optional().catch(undefined),
  autoPort: z.boolean().optional().catch(undefined),
});

const file = z.object({ configurations: z.array(z.unknown()) });
const source = ".claude/launch.json";

/**
 * The dev servers that `.claude/launch.json` defines: `runtimeExecutable` with `runtimeArgs`, or
 * `program` run by Node with `args`. A port counts as a wish only where `autoPort` is false: otherwise
 * it is a default of its author, which two worktrees share.
 */
export async function readClaudeLaunch(files: ProjectFiles, directory: string): Promise<readonly Definition[]> {
  const content = await files.readText(join(directory, source));
  const parsed = file.safeParse(content === undefined ? undefined : parseJsonWithComments(content));
  if (!parsed.success) return [];
  return parsed.data.configurations.flatMap((each) => {
    const read = configuration.safeParse(each);
    return read.success ? definitionOf(read.data, directory) : [];
  });
}

function definitionOf(each: z.infer<typeof configuration>, directory: string): readonly Definition[] {
  const words =
    each.runtimeExecutable === undefined
      ? each.program === undefined
        ? []
        : ["node", each.program, ...(each.args ?? [])]
      : [
          each.runtimeExecutable,
          ...(each.runtimeArgs ?? []),
          ...(each.program === undefined ? [] : [each.program, ...(each.args ?? [])]),
        ];
  const cwd = insideWorkspace(each.cwd);
  if (words.length === 0 || cwd === undefined || words.some((word) => word.includes("${"))) return [];
  return [
    {
      source,
      name: each.name,
      command: words.map(quoted).join(" "),
      env: each.env ?? {},
      ...(cwd === "" ? {} : { directory: join(directory, cwd) }),
      ...(each.port !== undefined && each.autoPort === false ? { port: each.port } : {}),
    },
  ];
}
