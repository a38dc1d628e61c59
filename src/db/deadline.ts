import { inTime } from "../in-time.ts";
import { DeadlineError } from "./database-error.ts";

/**
 * The result of `work`, or `DeadlineError` after `limitMs`. The server's own statement timeout does
 * not fire when the server is frozen or the network swallows its answer; this one does.
 */
export async function withDeadline<T>(work: PromiseLike<T>, limitMs: number): Promise<T> {
  return await inTime(work, limitMs, () => new DeadlineError(`no answer within ${limitMs} ms`));
}
