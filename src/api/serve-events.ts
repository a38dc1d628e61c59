import type { OpenAPIHono } from "@hono/zod-openapi";
import { PreviewError } from "../errors.ts";
import type { EventLog } from "../preview/events/event-log.ts";
import type { EventQuery } from "../preview/events/event-contract.ts";
import { LimitError } from "../preview/limits.ts";
import type { EventUseCases } from "../preview/events/read-events.ts";
import { recordingRefusal } from "../preview/events/record-refusals.ts";
import type { ProblemAnswer } from "./answer-problem.ts";
import type { ControlContext, ControlEnv } from "./control-env.ts";
import { accessesRoute, eventsRoute, eventStreamType } from "./event-routes.ts";
import { streamEvents } from "./event-stream.ts";
import type { Authenticate } from "./middleware/authentication.ts";

export interface EventServing {
  readonly events: EventUseCases;
  readonly eventLog: Pick<EventLog, "record">;
  readonly authenticate: Authenticate;
  readonly problems: ProblemAnswer;
  readonly heartbeatMs: number;
}

/** Each holds a socket and is asked after every few seconds. */
const mostStreams = 100;
/** How long a stream may outlive its key. */
const recheckMs = 2_000;

/** Binds the routes of events and accesses. */
export function serveEvents(app: OpenAPIHono<ControlEnv>, serving: EventServing): void {
  const { events, eventLog } = serving;
  const open = new Map<string, number>();
  const recorded = <Output>(c: ControlContext, call: string, work: () => Promise<Output>) =>
    recordingRefusal(eventLog, c.get("context"), { call, work });

  app.openapi(eventsRoute, async (c) => {
    const query = c.req.valid("query");
    if (!(c.req.header("accept") ?? "").includes(eventStreamType))
      return c.json(await recorded(c, "events", () => events.list(c.get("context"), query)), 200);
    const after = c.req.valid("header")["last-event-id"] ?? query.after;
    const stream = await recorded(c, "events", async () => openStream(c, serving, { ...query, after }, open));
    // nginx in front would hold the events back
    return c.body(stream, 200, { "content-type": eventStreamType, "x-accel-buffering": "no" });
  });
  app.openapi(accessesRoute, async (c) => {
    const query = c.req.valid("query");
    return c.json(await recorded(c, "accesses", () => events.accesses(c.get("context"), query)), 200);
  });
}

function openStream(
  c: ControlContext,
  { events, authenticate, problems, heartbeatMs }: EventServing,
  query: EventQuery,
  open: Map<string, number>,
): ReadableStream<Uint8Array> {
  const context = c.get("context");
  const { org } = context.principal;
  // refused now, while there is a status to refuse with
  events.isSame(context, query, context.principal);
  const others = open.get(org) ?? 0;
  if (others >= mostStreams) throw tooManyStreams();
  open.set(org, others + 1);
  const authorization = c.req.header("authorization");
  return streamEvents((signal) => events.follow(context, query, { signal, idleMs: heartbeatMs }), {
    signal: c.req.raw.signal,
    recheckMs,
    async mayGoOn() {
      const principal = await authenticate(authorization);
      if (principal === undefined) throw keyEnded();
      return events.isSame(context, query, principal);
    },
    problemOf: (error) => problems.problemOf(c, error),
    onEnd() {
      const left = (open.get(org) ?? 1) - 1;
      if (left === 0) open.delete(org);
      else open.set(org, left);
    },
  });
}

function keyEnded(): PreviewError {
  return new PreviewError("unauthenticated", "the bearer token is no longer good", {
    hint: "Connect again with another one; Last-Event-ID continues where this stream ended.",
  });
}

function tooManyStreams(): LimitError {
  return new LimitError("event streams", mostStreams, {
    message: `the limit of ${mostStreams} event streams of one org on this plane is reached`,
    hint: "End one that nobody reads, or read pages: GET /v1/events?after=<cursor>.",
  });
}
