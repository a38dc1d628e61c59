import { launchCommand } from "./line/launch-command.ts";
import type { ChosenCommand, LaunchSearch } from "./launch-search.ts";
import type { Package } from "./package.ts";
import { inPythonEnvironment } from "./python-environment.ts";

export interface FoundLine {
  readonly line: string;
  readonly source: ChosenCommand["source"];
  /** The directory to run in; that of the search when absent. */
  readonly within?: Package;
  readonly env?: Readonly<Record<string, string>>;
}

/** A command line as it will be run: with its framework's arguments, in the environment of its language. */
export async function readCommand({ reading, within: here }: LaunchSearch, found: FoundLine): Promise<ChosenCommand> {
  const within = found.within ?? here;
  const first = await launchCommand(reading, found.line, within);
  const line =
    first.recipe?.runtime === "python"
      ? await inPythonEnvironment(reading.packages.files, within.directory, found.line)
      : found.line;
  const launch = line === found.line ? first : await launchCommand(reading, line, within);
  return { source: found.source, launch, within, env: found.env ?? {}, problems: [] };
}
