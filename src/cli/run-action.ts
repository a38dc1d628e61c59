import { loadClientConfig, processEnv } from "../config.ts";
import type { ClientConfig } from "../settings.ts";
import type { Client } from "../client/client.ts";
import { createConnector } from "../client/connector.ts";
import { currentDirectory } from "../client/working-tree.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { TargetFlags } from "./new-command.ts";
import { readPackageInfo } from "./package-info.ts";
import { errorDocument, errorText } from "./print-error.ts";
import { createProgress } from "./progress.ts";
import type { Progress } from "./progress.ts";

/** What a command answers: the document for --json, the text for a person (empty: it printed already). */
export interface Answer {
  readonly json: unknown;
  readonly text: string;
  readonly exitCode?: ExitCode;
}

/** What a command works with. */
export interface Action {
  readonly config: ClientConfig;
  readonly progress: Progress;
  /** Fires at Ctrl-C: waiting ends, what was started goes on. */
  readonly signal: AbortSignal;
  /** A client bound to the project; starts a plane when none runs. */
  toProject(): Promise<Client>;
  /** A client bound to no project. */
  toPlane(): Promise<Client>;
  /** Writes a line of the result before the answer; only without --json. */
  readonly print: (text: string) => void;
}

/** Runs a command to its answer or error, prints either, and sets the exit code. */
export async function runAction(flags: TargetFlags, body: (action: Action) => Promise<Answer>): Promise<void> {
  const progress = createProgress(process.stderr);
  const interrupt = new AbortController();
  const onInterrupt = () => interrupt.abort();
  process.once("SIGINT", onInterrupt);
  try {
    const answer = await body(actionOf(flags, progress, interrupt.signal));
    progress.end();
    process.stdout.write(flags.json === true ? `${JSON.stringify(answer.json, null, 2)}\n` : answer.text);
    process.exitCode = answer.exitCode ?? exitCodes.ok;
  } catch (error) {
    progress.end();
    reportError(error, flags);
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

/** Prints an error (to stdout as JSON when that was asked for) and sets the exit code that goes with it. */
export function reportError(error: unknown, flags: Pick<TargetFlags, "json">): void {
  const withStack = processEnv()["DEV_PREVIEW_LOG_LEVEL"] === "debug";
  if (flags.json === true) process.stdout.write(`${JSON.stringify(errorDocument(error), null, 2)}\n`);
  else process.stderr.write(errorText(error, { withStack }));
  process.exitCode = exitCodeOf(error);
}

function actionOf(flags: TargetFlags, progress: Progress, signal: AbortSignal): Action {
  const { json: _, ...settings } = pickTarget(flags);
  const config = loadClientConfig({ env: processEnv(), flags: settings, cwd: currentDirectory() });
  const connector = createConnector(config, {
    env: processEnv(),
    serveArgs: [readPackageInfo().bin, "serve"],
  });
  const options = { signal, onWait: (message: string) => progress.tell(message) };
  return {
    config,
    progress,
    signal,
    toProject: () => connector.toProject(options),
    toPlane: () => connector.toPlane(options),
    print: (text) => {
      if (flags.json !== true) process.stdout.write(text);
    },
  };
}

/** A command's other options have names of their own, and are none of the settings. */
function pickTarget({ root, project, url, stateDir, json }: TargetFlags) {
  return { root, project, url, stateDir, json };
}
