import { setTimeout as delay } from "node:timers/promises";
import { Option } from "commander";
import type { Command } from "commander";
import type { Client, LogsOutput } from "../client/client.ts";
import { examples, newCommand, parseNumber, withTargetOptions } from "./new-command.ts";
import type { TargetFlags } from "./new-command.ts";
import { runAction } from "./run-action.ts";
import type { Action, Answer } from "./run-action.ts";
import { plain } from "./show-preview.ts";

interface LogsFlags extends TargetFlags {
  readonly follow?: boolean;
  readonly lines: number;
  readonly cursor?: string;
  readonly grep?: string;
}

const followWaitSeconds = 20;
const emptyPauseMs = 250;

export function createLogsCommand(): Command {
  const command = newCommand("logs", "Print the output of a preview's dev server")
    .argument("[name]", "which preview of the project", "web")
    .addOption(new Option("-f, --follow", "go on until it ends or Ctrl-C").conflicts("json"))
    .option("-n, --lines <count>", "how many lines, at most 200", parseNumber, 50)
    .option("--cursor <cursor>", "continue after an earlier call (its --json tells the cursor)")
    .option("--grep <text>", "only lines that contain this text");
  return withTargetOptions(command)
    .addHelpText(
      "after",
      examples("dev-preview logs", "dev-preview logs api -f", "dev-preview logs --grep error --json"),
    )
    .action((name: string, flags: LogsFlags) =>
      runAction(flags, async (action) => {
        const client = await action.toProject();
        return flags.follow === true ? follow(action, client, name, flags) : once(action, client, name, flags);
      }),
    );
}

async function once({ signal }: Action, client: Client, name: string, flags: LogsFlags): Promise<Answer> {
  const page = await client.logs({ ...inputOf(name, flags), ...cursorOf(flags.cursor) }, { signal });
  return { json: page, text: linesText(page) };
}

/** Ends when the server has ended and everything that it wrote was shown. */
async function follow({ signal, print }: Action, client: Client, name: string, flags: LogsFlags): Promise<Answer> {
  let cursor = flags.cursor;
  let page: LogsOutput;
  do {
    const waitSeconds = cursor === undefined ? 0 : followWaitSeconds;
    page = await client.logs({ ...inputOf(name, flags), ...cursorOf(cursor), waitSeconds }, { signal });
    print(linesText(page));
    // there is no output to come
    if (page.next !== undefined) break;
    cursor = page.cursor;
    // A page may come back early and empty; the next question need not follow at once.
    if (page.lines.length === 0) await delay(emptyPauseMs, undefined, { signal });
  } while (page.more || isLive(page));
  return { json: undefined, text: "" };
}

function isLive({ status }: LogsOutput): boolean {
  return status !== "stopped" && status !== "crashed";
}

function linesText({ lines, next }: LogsOutput): string {
  return [...lines, ...(next === undefined ? [] : [next])].map((line) => `${plain(line)}\n`).join("");
}

function inputOf(name: string, { lines, grep }: LogsFlags): { name: string; limit: number; grep?: string } {
  return { name, limit: lines, ...(grep === undefined ? {} : { grep }) };
}

function cursorOf(cursor: string | undefined): { cursor?: string } {
  return cursor === undefined ? {} : { cursor };
}
