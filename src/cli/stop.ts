import type { Command } from "commander";
import type { StopOutput } from "../client/client.ts";
import { examples, newCommand, parseNumber, withTargetOptions } from "./new-command.ts";
import type { TargetFlags } from "./new-command.ts";
import { runAction } from "./run-action.ts";

interface StopFlags extends TargetFlags {
  readonly port?: number;
  readonly all?: boolean;
  readonly kill?: boolean;
}

export function createStopCommand(): Command {
  const command = newCommand("stop", "Stop a preview, and everything that its dev server started")
    .argument("[name]", "which preview of the project")
    .option("--port <port>", "the preview on this port", parseNumber)
    .option("--all", "every preview of the project")
    .option("--kill", "end a server too that was attached; default: only its link");
  return withTargetOptions(command)
    .addHelpText(
      "after",
      examples(
        "dev-preview stop",
        "dev-preview stop api",
        "dev-preview stop --all",
        "dev-preview stop --port 5173 --kill",
      ),
    )
    .action((name: string | undefined, { port, all, kill, ...flags }: StopFlags) =>
      runAction(flags, async (action) => {
        const input = {
          ...(name === undefined ? {} : { name }),
          ...(port === undefined ? {} : { port }),
          ...(all === undefined ? {} : { all }),
          ...(kill === undefined ? {} : { kill }),
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
  return stopped.map((preview) => `${preview.name} is ${preview.status}${portText(preview)}\n`).join("");
}

function portText({ port, leftRunning }: StopOutput["stopped"][number]): string {
  if (port === undefined) return "";
  return leftRunning === true ? `, its server goes on on port ${port}` : `, port ${port} is free`;
}
