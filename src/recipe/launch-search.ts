import type { LaunchCommand } from "./line/launch-command.ts";
import type { LaunchPlan, LaunchProblem } from "./launch-plan.ts";
import type { Package } from "./package.ts";
import type { ProjectFile } from "./project-file.ts";
import type { Reading } from "./line/target.ts";

/** What is looked for, and where. */
export interface LaunchSearch {
  readonly reading: Reading;
  /** The directory to run in. */
  readonly within: Package;
  /** The caller named that directory: no other is looked for. */
  readonly explicit: boolean;
  /** Of the preview: it chooses among several definitions, scripts or packages. */
  readonly name: string;
  /** The caller's own command. */
  readonly command: string | undefined;
  /** dev-preview.json, where one counts. */
  readonly file: ProjectFile | undefined;
  readonly defaultCommand: string;
  readonly workspaceRoot: string;
}

/** The command that was found, read. */
export interface ChosenCommand {
  readonly source: LaunchPlan["source"];
  readonly launch: LaunchCommand;
  /** The directory that it runs in. */
  readonly within: Package;
  readonly env: Readonly<Record<string, string>>;
  /** A port that the definition insists on. */
  readonly port?: number;
  /** The package was found among others, under this name; its own dev-preview.json counts, if it has one. */
  readonly member?: { readonly name: string; readonly file: ProjectFile | undefined };
  readonly problems: readonly LaunchProblem[];
}
