import { DeadlineError } from "./database-error.ts";

/**
 * The result of `work`, or `DeadlineError` after `limitMs`. The server's own statement timeout does
 * not fire when the server is frozen or the network swallows its answer; this one does.
 */
export async function withDeadline<T>(work: PromiseLike<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
