import { PreviewError } from "../errors.ts";
import type { EventOutput } from "../preview/events/event-contract.ts";
import type { ProblemDetails } from "./problem-details.ts";

export interface EventStreamOptions {
  /** The reader goes away. */
  readonly signal: AbortSignal;
  readonly recheckMs: number;
  /** Whether the reader still may read; a rejection ends the stream as well. */
  readonly mayGoOn: () => Promise<boolean>;
  readonly problemOf: (error: unknown) => ProblemDetails;
  readonly onEnd: () => void;
}

/**
 * Server-sent events: `id` is the cursor, `event` the type, `data` the event as JSON; a comment when nothing happens.
 * A batch is taken only when the one before is gone, so that a slow reader costs one batch. Who reads is asked after
 * before each batch, and every `recheckMs`; what ends a stream early is told by an `error` event.
 */
export function streamEvents(
  follow: (signal: AbortSignal) => AsyncGenerator<EventOutput[], void>,
  options: EventStreamOptions,
): ReadableStream<Uint8Array> {
  const end = new AbortController();
  const encoder = new TextEncoder();
  const batches = follow(AbortSignal.any([end.signal, options.signal]));
  let timer: NodeJS.Timeout | undefined;
  let failure: unknown;

  async function check(): Promise<void> {
    if (!(await options.mayGoOn())) throw changedRights();
  }

  function finish(): void {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    end.abort();
    options.onEnd();
  }

  /** Also ends a wait for events. */
  function watch(): void {
    timer = setInterval(() => {
      check().catch((error: unknown) => {
        failure ??= error;
        end.abort();
      });
    }, options.recheckMs).unref();
    options.signal.addEventListener("abort", finish, { once: true });
  }

  async function nextText(): Promise<string | undefined> {
    const { done, value } = await batches.next();
    if (failure !== undefined) throw failure;
    if (done === true) return undefined;
    if (value.length === 0) return ": nothing yet\n\n";
    await check();
    return value.map(printEvent).join("");
  }

  return new ReadableStream(
    {
      start(controller) {
        watch();
        controller.enqueue(encoder.encode("retry: 2000\n\n"));
      },
      async pull(controller) {
        const text = await nextText().catch((error: unknown) => {
          controller.enqueue(encoder.encode(printError(options.problemOf(error))));
          return undefined;
        });
        if (text !== undefined) return controller.enqueue(encoder.encode(text));
        finish();
        controller.close();
      },
      cancel: finish,
    },
    { highWaterMark: 1 },
  );
}

/** JSON has no line breaks of its own. */
function printEvent(event: EventOutput): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function printError(problem: ProblemDetails): string {
  return `event: error\ndata: ${JSON.stringify(problem)}\n\n`;
}

function changedRights(): PreviewError {
  return new PreviewError("forbidden", "what the caller may read has changed", {
    hint: "Connect again; Last-Event-ID continues where this stream ended.",
  });
}
