import { Command, InvalidArgumentError } from "commander";

/** A command as all of ours are: usage errors are thrown, and end with exit code 2. */
export function newCommand(name: string, summary: string): Command {
  return new Command(name)
    .description(summary)
    .exitOverride()
    .allowExcessArguments(false)
    .showHelpAfterError(`(see dev-preview ${name} --help)`);
}

/** Flags that say which plane and which project; absent ones are taken from the environment. */
export interface TargetFlags {
  readonly root?: string;
  readonly project?: string;
  readonly url?: string;
  readonly stateDir?: string;
  readonly json?: boolean;
}

export function withPlaneOptions(command: Command): Command {
  return command
    .option("--url <url>", "control address of a plane elsewhere (DEV_PREVIEW_URL; its token: DEV_PREVIEW_TOKEN)")
    .option("--state-dir <directory>", "state directory of the local plane (DEV_PREVIEW_STATE_DIR)")
    .option("--json", "print one JSON document");
}

export function withTargetOptions(command: Command): Command {
  return withPlaneOptions(
    command
      .option("--root <directory>", "the project's directory; default: this working tree (DEV_PREVIEW_ROOT)")
      .option("--project <slug>", "an already registered project instead (DEV_PREVIEW_PROJECT)"),
  );
}

export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

/** Parses the value of an option; bounds are the plane's to judge. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It must be a number.");
  return value;
}
