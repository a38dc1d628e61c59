import type { Command } from "commander";
import type { StopOutput } from "../client/client.ts";
import { examples, newCommand, parseNumber, withTargetOptions } from "./new-command.ts";
import type { TargetFlags } from "./new-command.ts";
import { runAction } from "./run-action.ts";

interface StopFlags extends TargetFlags {
  readonly port?: number;
  readonly all?: boolean;
}

export function createStopCommand(): Command {
  const command = newCommand("stop", "Stop a preview, and everything that its dev server started")
    .argument("[name]", "which preview of the project")
    .option("--port <port>", "the preview on this port", parseNumber)
    .option("--all", "every preview of the project");
  return withTargetOptions(command)
    .addHelpText("after", examples("dev-preview stop", "dev-preview stop api", "dev-preview stop --all"))
    .action((name: string | undefined, { port, all, ...flags }: StopFlags) =>
      runAction(flags, async (action) => {
        const input = {
          ...(name === undefined ? {} : { name }),
          ...(port === undefined ? {} : { port }),
          ...(all === undefined ? {} : { all }),
        };
        const client = await action.toProject();
        action.progress.tell("stopping");
        const output = await client.stop(input, { signal: action.signal });
        return { json: output, text: stopText(output) };
      }),
    );
}

function stopText({ stopped }: StopOutput): string {
  if (stopped.length === 0) return "nothing was running\n";
  return stopped
    .map(({ name, port, status }) => `${name} is ${status}${port === undefined ? "" : `, port ${port} is free`}\n`)
    .join("");
}
