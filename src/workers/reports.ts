import type { RefusedByLimit } from "../gateway/traffic/traffic-counts.ts";
import type { CountChanges, Report } from "./messages.ts";

/** Collects what a worker has to tell, so that a busy one sends a few messages a second and an idle one none. */
export interface Reports {
  limit(refused: RefusedByLimit): void;
  handled(durationMs: number): void;
  dial(durationMs: number): void;
  /** Something is to be told that is asked for when it is. */
  touch(): void;
  close(): void;
}

interface ReportsOptions {
  readonly changes: () => CountChanges | undefined;
  readonly send: (report: Report) => void;
}

/** So long a limit may be reached here and not be known to the others; theirs is added to it. */
const pauseMs = 25;
/** Equal refusals are one entry; more kinds of them in one pause than this are not told apart, and are left out. */
const mostLimits = 1_000;

export function createReports({ changes, send }: ReportsOptions): Reports {
  const limits = new Map<string, { readonly refused: RefusedByLimit; times: number }>();
  let handled: number[] = [];
  let dials: number[] = [];
  let timer: NodeJS.Timeout | undefined;

  function tell(): void {
    timer = undefined;
    const counts = changes();
    send({ ...(counts && { counts }), limits: [...limits.values()], handled, dials });
    limits.clear();
    [handled, dials] = [[], []];
  }
  const touch = () => void (timer ??= setTimeout(tell, pauseMs).unref());

  return {
    limit(refused) {
      const key = `${refused.setting} ${refused.previewId ?? ""}`;
      const known = limits.get(key);
      if (known !== undefined) known.times += 1;
      else if (limits.size < mostLimits) limits.set(key, { refused, times: 1 });
      touch();
    },
    handled(durationMs) {
      handled.push(durationMs);
      touch();
    },
    dial(durationMs) {
      dials.push(durationMs);
      touch();
    },
    touch,
    close: () => clearTimeout(timer),
  };
}
