import { randomUUID } from "node:crypto";
import type { ExecResult, Sandbox } from "./driver.ts";
import { runScript } from "./exec.ts";
import { requireDirectory } from "./local-context.ts";
import type { LocalContext } from "./local-context.ts";
import { launchMarker } from "./process-view.ts";
import { stopFamily } from "./stop.ts";

/** How long a script that has to end may tidy up. */
const execGraceMs = 1_000;

type ExecOptions = Parameters<Sandbox["exec"]>[1];

/** See `Sandbox.exec`. What the script starts carries a marker of its own, by which all of it is found. */
export async function execScript(context: LocalContext, script: string, options: ExecOptions): Promise<ExecResult> {
  const { cwd, env = {}, timeoutMs, signal, onLine } = options;
  const { closing } = context;
  if (cwd !== undefined) await requireDirectory(cwd);
  const execId = `exec-${randomUUID()}`;
  return runScript({
    script,
    cwd,
    env: context.envWith({ ...env, [launchMarker]: execId }),
    timeoutMs,
    signal: signal ? AbortSignal.any([signal, closing]) : closing,
    onLine,
    async endTree(pid) {
      const entry = await context.view.identify(pid);
      const root = entry && { pid, startTime: entry.startTime, session: pid };
      await stopFamily(context, { launchId: execId, root, graceMs: execGraceMs });
    },
  });
}
