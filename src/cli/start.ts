import { InvalidArgumentError } from "commander";
import type { Command } from "commander";
import type { Client, PreviewOutput } from "../client/client.ts";
import { packageHere } from "../client/package-here.ts";
import { maxWaitSeconds } from "../preview/contract.ts";
import { examples, newCommand, parseNumber, sharingOf, withSharingOptions, withTargetOptions } from "./new-command.ts";
import type { SharingFlags, TargetFlags } from "./new-command.ts";
import { runAction } from "./run-action.ts";
import type { Action } from "./run-action.ts";
import { previewAnswer } from "./show-preview.ts";
import { quoteArguments } from "./quote-arguments.ts";

interface StartFlags extends TargetFlags, SharingFlags {
  readonly name: string;
  readonly port?: number;
  readonly repoDir?: string;
  readonly env?: Record<string, string>;
  readonly readyPath?: string;
  readonly ifRunning: "reuse" | "restart" | "fail";
  readonly ttl?: number;
  readonly keepalive?: number;
  readonly wait: number;
}

export function createStartCommand(): Command {
  const command = newCommand("start", "Start the project's dev server and print its preview URL")
    .argument("[command...]", "command to run; default: the project's own dev script")
    .option("--name <name>", "which preview of the project", "web")
    .option("--port <port>", "port to ask for; default: a free one", parseNumber)
    .option(
      "--repo-dir <directory>",
      "directory inside the project to run in; default: the package of the current directory",
    )
    .option("--env <name=value>", "extra environment; repeatable", collectEnv)
    .option("--ready-path <path>", "path that must answer")
    .option("--if-running <what>", "reuse, restart or fail", "reuse")
    .option("--ttl <seconds>", "life of the link", parseNumber)
    .option(
      "--keepalive <seconds>",
      "sleep so long after the last visit; default: what the plane is set to",
      parseNumber,
    )
    .option("--wait <seconds>", "how long to wait until it serves", parseNumber, 120);
  return withTargetOptions(withSharingOptions(command))
    .addHelpText(
      "after",
      examples(
        "dev-preview start",
        "dev-preview start --name api --repo-dir packages/api",
        "dev-preview start --env API_URL=http://localhost:3001 -- npm run dev -- --port {port}",
        "dev-preview start --json | jq -r .previewUrl",
      ),
    )
    .action((words: string[], flags: StartFlags) =>
      runAction(flags, async (action) => previewAnswer(await startAndWait(action, words, flags))),
    );
}

/** One call waits a bounded time; a slow start is followed by further ones until the caller's own bound. */
async function startAndWait(action: Action, words: readonly string[], flags: StartFlags): Promise<PreviewOutput> {
  const client = await action.toProject();
  const repoDir = flags.repoDir ?? packageHere(action.config);
  const options = {
    signal: action.signal,
    onPhase: ({ message }: { message: string }) => action.progress.tell(message),
  };
  const deadline = performance.now() + flags.wait * 1000;
  const left = () => Math.max(0, Math.min(maxWaitSeconds, (deadline - performance.now()) / 1000));
  let preview = await client.start(
    { ...inputOf(words, flags), ...(repoDir === undefined ? {} : { repoDir }), waitSeconds: left() },
    options,
  );
  // once a cause is known, waiting longer tells no more
  while (preview.status === "starting" && preview.problems.length === 0 && left() > 0)
    preview = await client.url({ name: preview.name, waitSeconds: left() }, options);
  return preview;
}

function inputOf(words: readonly string[], flags: StartFlags): NonNullable<Parameters<Client["start"]>[0]> {
  const { name, port, env, readyPath, ifRunning, ttl, keepalive } = flags;
  return {
    name,
    ifRunning,
    ...(words.length === 0 ? {} : { command: quoteArguments(words) }),
    ...(port === undefined ? {} : { port }),
    ...(env === undefined ? {} : { env }),
    ...(readyPath === undefined ? {} : { readyPath }),
    ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
    ...(keepalive === undefined ? {} : { keepaliveSeconds: keepalive }),
    ...sharingOf(flags),
  };
}

function collectEnv(pair: string, before: Record<string, string> = {}): Record<string, string> {
  const at = pair.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Write it as NAME=value.");
  return { ...before, [pair.slice(0, at)]: pair.slice(at + 1) };
}
