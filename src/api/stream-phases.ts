import type { Phase, PreviewOutput } from "../preview/contract.ts";
import type { ProblemDetails } from "./problem-details.ts";
import type { PhaseStreamLine } from "./phase-stream.ts";

export interface PhaseStreamOptions {
  /** Time between blank lines while nothing happens. */
  readonly heartbeatMs: number;
  readonly problemOf: (error: unknown) => ProblemDetails;
}

/**
 * Runs a call and turns it into NDJSON bytes. A reader that goes away stops the stream; cancelling
 * the call itself is the business of the request's own signal.
 */
export function streamPhases(
  run: (onPhase: (phase: Phase) => void) => Promise<PreviewOutput>,
  options: PhaseStreamOptions,
): ReadableStream<Uint8Array> {
  let heartbeat: NodeJS.Timeout | undefined;
  let open = true;
  const stop = () => {
    open = false;
    clearInterval(heartbeat);
  };
  return new ReadableStream({
    start(controller) {
      const encoder = new TextEncoder();
      const write = (text: string) => {
        if (open) controller.enqueue(encoder.encode(`${text}\n`));
      };
      const line = (value: PhaseStreamLine) => write(JSON.stringify(value));
      heartbeat = setInterval(() => write(""), options.heartbeatMs);
      // Not awaited: the stream has to be handed out before the call ends.
      void run((phase) => line({ phase: { name: phase.name, message: phase.message } }))
        .then(
          (result) => line({ result }),
          (error: unknown) => line({ error: options.problemOf(error) }),
        )
        .finally(() => {
          if (open) controller.close();
          stop();
        });
    },
    cancel: stop,
  });
}
