import { join } from "node:path/posix";
import { upward } from "./package-manager.ts";
import type { ProjectFiles } from "./project-files.ts";
import { onlyCommand, parseShellLine, printCommand } from "./line/shell-line.ts";

const virtualenvs = [".venv", "venv", "env"];

/** What runs a program in the environment that a lock file describes; `--frozen` leaves the file as it is. */
const runners: readonly { readonly lock: string; readonly run: string }[] = [
  { lock: "uv.lock", run: "uv run --frozen" },
  { lock: "poetry.lock", run: "poetry run" },
  { lock: "pdm.lock", run: "pdm run" },
  { lock: "Pipfile.lock", run: "pipenv run" },
];

/**
 * A Python command line in the environment of its project: the virtualenv that is there, else the
 * tool whose lock file is. A line that names its environment itself stays as it is.
 */
export async function inPythonEnvironment(files: ProjectFiles, directory: string, line: string): Promise<string> {
  const parsed = parseShellLine(line);
  if (parsed === undefined || parsed.commands.some(({ words }) => namesEnvironment(words[0]?.text ?? ""))) return line;
  const command = onlyCommand(parsed);
  const bin = await virtualenvBin(files, directory);
  if (bin !== undefined)
    return command !== undefined ? `PATH="${bin}:$PATH" ${line}` : `export PATH="${bin}:$PATH"; ${line}`;
  const runner = await lockRunner(files, directory);
  if (runner === undefined || command === undefined) return line;
  const assignments = command.assignments.map(({ text }) => `${text} `).join("");
  return `${assignments}${runner} ${printCommand({ ...command, assignments: [] })}`;
}

/** `.venv/bin/flask`, `uv run flask`, `npm run dev`. */
function namesEnvironment(program: string): boolean {
  return program.includes("bin/") || /^(?:uv|poetry|pdm|pipenv|hatch|rye|conda|npm|pnpm|yarn|bun|npx)$/.test(program);
}

async function virtualenvBin(files: ProjectFiles, directory: string): Promise<string | undefined> {
  for (const [level, folder] of upward(directory).entries()) {
    for (const name of virtualenvs) {
      if (await files.exists(join(folder, name, "bin/python"))) return `$PWD/${"../".repeat(level)}${name}/bin`;
    }
  }
  return undefined;
}

async function lockRunner(files: ProjectFiles, directory: string): Promise<string | undefined> {
  for (const folder of upward(directory)) {
    for (const { lock, run } of runners) {
      if (await files.exists(join(folder, lock))) return run;
    }
  }
  return undefined;
}
