import { setTimeout as pause } from "node:timers/promises";
import { isServing } from "./postmaster.ts";

const fastLimitMs = 10_000;
const immediateLimitMs = 5_000;
const pollMs = 10;

/** Fast shutdown, then an immediate one, which the next start recovers from; returns when the server is gone. */
export async function stopPostmaster(pid: number, dataDirectory: string): Promise<void> {
  if (await signalAndWait(pid, dataDirectory, { signal: "SIGINT", limitMs: fastLimitMs })) return;
  await signalAndWait(pid, dataDirectory, { signal: "SIGQUIT", limitMs: immediateLimitMs });
}

async function signalAndWait(
  pid: number,
  dataDirectory: string,
  how: { readonly signal: NodeJS.Signals; readonly limitMs: number },
): Promise<boolean> {
  if (!(await isServing(pid, dataDirectory))) return true;
  process.kill(pid, how.signal);
  const deadline = performance.now() + how.limitMs;
  while (performance.now() < deadline) {
    if (!(await isServing(pid, dataDirectory))) return true;
    await pause(pollMs);
  }
  return false;
}
