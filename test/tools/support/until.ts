import { setTimeout as sleep } from "node:timers/promises";

/** Polls until the condition holds; throws after the deadline. */
export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`nothing came of it in ${timeoutMs} ms: ${holds.toString()}`);
    await sleep(20);
  }
}
