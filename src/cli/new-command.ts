import { Command, InvalidArgumentError, Option } from "commander";

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

/** Flags that say who sees a preview. */
export interface SharingFlags {
  readonly gated?: boolean;
  readonly signed?: boolean;
  readonly embed?: readonly string[];
  readonly guest?: readonly string[];
}

export function withSharingOptions(command: Command): Command {
  return command
    .option("--signed", "a link that opens for whoever has it")
    .addOption(new Option("--gated", "a link that opens for members of the org alone, who log in").conflicts("signed"))
    .option("--embed <origin...>", "origins that may show it in a frame; none: as the app says")
    .option("--guest <user...>", "users besides members that may log in; none: nobody");
}

/** What start and url take for these flags; `none` is the empty list. */
export function sharingOf({ gated, signed, embed, guest }: SharingFlags) {
  return {
    ...(gated === true ? { signed: false } : signed === true ? { signed: true } : {}),
    ...(embed === undefined ? {} : { embedOrigins: listOf(embed) }),
    ...(guest === undefined ? {} : { guests: listOf(guest) }),
  };
}

function listOf(words: readonly string[]): string[] {
  return words.length === 1 && words[0] === "none" ? [] : [...words];
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
