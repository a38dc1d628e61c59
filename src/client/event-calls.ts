import { accessPage, eventOutput, eventPage } from "../preview/events/event-contract.ts";
import type { EventOutput } from "../preview/events/event-contract.ts";
import { problemDetails } from "../api/problem-details.ts";
import { PreviewError } from "../errors.ts";
import type { Client } from "./client.ts";
import { parseAnswer, send, sendForJson } from "./send.ts";
import { partsOf } from "./read-parts.ts";
import type { PlaneAddress, PlaneCall } from "./send.ts";

const reconnectMs = 1_000;
const streamType = "text/event-stream";

/** What happened, by page and live. */
export function eventCalls(plane: PlaneAddress): Client["events"] {
  return {
    list: (query = {}, { signal } = {}) =>
      sendForJson(plane, eventPage, { method: "GET", path: "/v1/events", query, signal }),
    accesses: (query = {}, { signal } = {}) =>
      sendForJson(plane, accessPage, { method: "GET", path: "/v1/accesses", query, signal }),
    async *follow(query = {}, { signal } = {}) {
      const page = { method: "GET", path: "/v1/events", query: { ...query, limit: 1 }, signal } as const;
      // from now on, also if the first connection breaks before there is an event
      let after: number = query.after ?? (await sendForJson(plane, eventPage, page)).cursor;
      const isOver = () => signal?.aborted === true;
      while (!isOver()) {
        try {
          for await (const event of connect(plane, { ...query, after }, signal)) {
            after = event.id;
            yield event;
          }
        } catch (error) {
          if (isOver()) return;
          if (!(error instanceof PreviewError) || !isPassing(error)) throw error;
        }
        await pause(reconnectMs, signal);
      }
    },
  };
}

/** Ends early when the signal fires. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    if (signal?.aborted === true) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

/** The plane, or its database, may be back in a moment. */
function isPassing({ code }: PreviewError): boolean {
  return ["plane_unreachable", "database_unavailable", "identity_unavailable"].includes(code);
}

/** The events of one connection, until it ends. */
async function* connect(
  plane: PlaneAddress,
  query: NonNullable<PlaneCall["query"]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventOutput> {
  const answer = await send(plane, { method: "GET", path: "/v1/events", query, accept: streamType, signal });
  for await (const block of partsOf(plane, answer, { end: "\n\n", signal })) yield* eventIn(plane, block);
}

function* eventIn(plane: PlaneAddress, block: string): Generator<EventOutput> {
  const fields = new Map(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const data = fields.get("data");
  if (data === undefined) return;
  if (fields.get("event") !== "error") return yield parseAnswer(plane, eventOutput, data);
  const { code, detail, hint } = parseAnswer(plane, problemDetails, data);
  throw new PreviewError(code, detail, { hint });
}
