import { PreviewError } from "../errors.ts";

/**
 * Work that callers share while it runs: the first one starts it, later ones wait for the same.
 * A caller whose signal fires stops waiting; the work goes on for the others.
 */
export function shareFlight<Result, Options>(
  work: (options?: Options) => Promise<Result>,
): (signal?: AbortSignal, options?: Options) => Promise<Result> {
  let flight: Promise<Result> | undefined;
  return async (signal, options) => {
    throwIfAborted(signal);
    flight ??= work(options).finally(() => {
      flight = undefined;
    });
    return signal === undefined ? flight : raceAbort(flight, signal);
  };
}

function raceAbort<Result>(flight: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(cancelled(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    flight.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled(signal);
}

function cancelled(signal: AbortSignal): PreviewError {
  return new PreviewError("cancelled", "the call was cancelled", { hint: "Call again.", cause: signal.reason });
}
