#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { endWithReader } from "./end-with-reader.ts";
import { exitCodes, exitCodesHelp } from "./exit-codes.ts";
import { readPackageInfo } from "./package-info.ts";
import { reportError } from "./run-action.ts";

interface LazyCommand {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** A command's code is loaded when that command is called: `mcp` must be up quickly, `serve` brings everything. */
const commands: Readonly<Record<string, LazyCommand>> = {
  serve: {
    summary: "run the plane in the foreground",
    load: async () => (await import("./serve-command.ts")).createServeCommand(),
  },
  mcp: {
    summary: "serve the MCP tools on stdin and stdout",
    load: async () => (await import("./mcp.ts")).createMcpCommand(),
  },
  start: {
    summary: "start the project's dev server and print its preview URL",
    load: async () => (await import("./start.ts")).createStartCommand(),
  },
  url: {
    summary: "print the URL of a preview",
    load: async () => (await import("./url.ts")).createUrlCommand(),
  },
  stop: {
    summary: "stop a preview",
    load: async () => (await import("./stop.ts")).createStopCommand(),
  },
  list: {
    summary: "list the project's previews",
    load: async () => (await import("./list.ts")).createListCommand(),
  },
  logs: {
    summary: "print the output of a dev server",
    load: async () => (await import("./logs.ts")).createLogsCommand(),
  },
  link: {
    summary: "list, rotate and revoke links",
    load: async () => (await import("./link.ts")).createLinkCommand(),
  },
  events: {
    summary: "print what happened, and who opened links",
    load: async () => (await import("./events.ts")).createEventsCommand(),
  },
  project: {
    summary: "register, list and forget projects",
    load: async () => (await import("./project.ts")).createProjectCommand(),
  },
  key: {
    summary: "make, list, rotate and revoke API keys",
    load: async () => (await import("./key.ts")).createKeyCommand(),
  },
  session: {
    summary: "list and end logins at gated links",
    load: async () => (await import("./session.ts")).createSessionCommand(),
  },
  config: {
    summary: "print what connects an MCP client",
    load: async () => (await import("./config.ts")).createConfigCommand(),
  },
  ca: {
    summary: "print the local certificate authority, and how to trust it",
    load: async () => (await import("./ca.ts")).createCaCommand(),
  },
  doctor: {
    summary: "check this machine and the plane",
    load: async () => (await import("./doctor.ts")).createDoctorCommand(),
  },
};

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  // the others talk to their reader as long as they live, and tidy up when it goes
  const asksForHelp = args.some((arg) => arg === "--help" || arg === "-h");
  if (asksForHelp || !["serve", "mcp"].includes(args[0] ?? "")) endWithReader(process.stdout);
  try {
    const program = await buildProgram(args);
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = usageExit(error);
    else reportError(error, {});
  }
}

/** Only the command that is called is loaded whole; the others are there to be listed. */
async function buildProgram(args: readonly string[]): Promise<Command> {
  const called = args[0] === "help" ? args[1] : args[0];
  const program = new Command("dev-preview")
    .description("Start a project's own dev server and open it by a signed URL.")
    .version(readPackageInfo().version)
    .exitOverride()
    .showHelpAfterError("(see dev-preview --help)")
    .addHelpText("after", "\nExamples:\n  dev-preview start\n  dev-preview list\n  dev-preview config claude-code")
    .addHelpText("after", exitCodesHelp);
  for (const [name, { summary, load }] of Object.entries(commands))
    program.addCommand(name === called ? await load() : new Command(name).description(summary));
  return program;
}

/** Help and version that were asked for are no mistakes. */
function usageExit({ code, exitCode }: CommanderError): number {
  return exitCode === 0 || code === "commander.helpDisplayed" ? exitCodes.ok : exitCodes.usage;
}
