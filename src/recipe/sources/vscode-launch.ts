import { join } from "node:path/posix";
import * as z from "zod";
import { insideWorkspace, text, texts, variables } from "./definition.ts";
import type { Definition } from "./definition.ts";
import { parseJsonWithComments } from "../json-with-comments.ts";
import type { ProjectFiles } from "../project-files.ts";
import { quoted } from "../line/shell-line.ts";

const configuration = z.object({
  name: z.string(),
  type: z.string(),
  request: z.literal("launch"),
  command: text,
  runtimeExecutable: text,
  runtimeArgs: texts,
  program: text,
  module: text,
  args: texts,
  cwd: text,
  env: variables,
});

const file = z.object({ configurations: z.array(z.unknown()) });
const source = ".vscode/launch.json";

/**
 * What `.vscode/launch.json` starts to be debugged, as command lines without the debugger. Which of
 * them is a server is not said there: the caller takes those that a recipe knows.
 */
export async function readVscodeLaunch(files: ProjectFiles, directory: string): Promise<readonly Definition[]> {
  const content = await files.readText(join(directory, source));
  const parsed = file.safeParse(content === undefined ? undefined : parseJsonWithComments(content));
  if (!parsed.success) return [];
  return parsed.data.configurations.flatMap((each) => {
    const read = configuration.safeParse(each);
    return read.success ? definitionOf(read.data, directory) : [];
  });
}

type Configuration = z.infer<typeof configuration>;

function definitionOf(each: Configuration, directory: string): readonly Definition[] {
  const command = commandOf(each);
  const cwd = insideWorkspace(each.cwd);
  if (command === undefined || command.includes("${") || cwd === undefined) return [];
  return [
    {
      source,
      name: each.name,
      command,
      env: each.env ?? {},
      ...(cwd === "" ? {} : { directory: join(directory, cwd) }),
    },
  ];
}

const interpreters: readonly { readonly type: RegExp; readonly program: string }[] = [
  { type: /^(?:pwa-)?node$/, program: "node" },
  { type: /^(?:python|debugpy)$/, program: "python3" },
  { type: /^(?:ruby|rdbg|ruby_lsp)$/i, program: "ruby" },
];

function commandOf(each: Configuration): string | undefined {
  if (each.type === "node-terminal") return each.command;
  const interpreter = interpreters.find(({ type }) => type.test(each.type))?.program;
  if (interpreter === undefined) return undefined;
  const args = (each.args ?? []).map(plain);
  if (each.module !== undefined) return line([interpreter, "-m", each.module, ...args]);
  if (each.program !== undefined) return line([interpreter, ...(each.runtimeArgs ?? []), plain(each.program), ...args]);
  return each.runtimeExecutable === undefined
    ? undefined
    : line([each.runtimeExecutable, ...(each.runtimeArgs ?? []), ...args]);
}

function plain(path: string): string {
  return path.replace(/^\$\{workspace(?:Folder|Root)\}\//, "");
}

function line(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}
