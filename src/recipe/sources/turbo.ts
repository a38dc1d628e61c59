import { join } from "node:path/posix";
import { parseJsonWithComments } from "../json-with-comments.ts";
import type { ChosenCommand, LaunchSearch } from "../launch-search.ts";
import { quoted } from "../line/shell-line.ts";
import { binFolders } from "../line/bin-folders.ts";
import { readCommand } from "../read-command.ts";

/**
 * Where turbo.json says that something must be built before an app's dev script, or run with it, the
 * app is started through turbo; otherwise its script alone does the same with less around it.
 */
export async function throughTurbo(search: LaunchSearch, app: ChosenCommand): Promise<ChosenCommand> {
  const name = app.within.manifest?.name;
  const script = app.env["npm_lifecycle_event"];
  if (name === undefined || script === undefined || !(await hasCompany(search, script))) return app;
  const line = `PATH="${binFolders(search.within.directory)}:$PATH" turbo run ${quoted(script)} --filter=${quoted(name)}`;
  const launch = await readCommand(search, { line, source: "script" });
  return launch.launch.kind === "server"
    ? { ...launch, ...(app.member === undefined ? {} : { member: app.member }) }
    : app;
}

async function hasCompany({ reading, within }: LaunchSearch, script: string): Promise<boolean> {
  const text = await reading.packages.files.readText(join(within.directory, "turbo.json"));
  const config: unknown = text === undefined ? undefined : parseJsonWithComments(text);
  const tasks = field(config, "tasks") ?? field(config, "pipeline");
  const task = field(tasks, script);
  return [field(task, "dependsOn"), field(task, "with")].some((list) => Array.isArray(list) && list.length > 0);
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
