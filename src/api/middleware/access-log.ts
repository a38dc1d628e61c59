import type { MiddlewareHandler } from "hono";
import type { Logger } from "../../logger.ts";
import type { ControlContext, ControlEnv } from "../control-env.ts";

/** What a stranger may write of a path, and how many lines a minute: a log must not fill the disk. */
const maxPathCharacters = 200;
const strangersPerMinute = 60;
const minuteMs = 60_000;

/**
 * One line per request, written when its answer is complete: for a stream, when the stream ends.
 * Requests without a principal share an allowance, since any web page and any process of this host
 * can send them; the first line of the next minute counts those left out.
 */
export function accessLog(logger: Logger): MiddlewareHandler<ControlEnv> {
  const mayWrite = createAllowance();
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    const write = () => {
      const level = levelOf(c);
      if (!logger.isLevelEnabled(level)) return;
      const leftOut = c.get("principal") === undefined ? mayWrite() : 0;
      if (leftOut !== undefined) logger[level](fieldsOf(c, { startedAt, leftOut }), "request");
    };
    if (isStream(c.res) && c.res.body !== null) c.res = new Response(whenEnded(c.res.body, write), c.res);
    else write();
  };
}

/** How many were left out since the last minute's end (mostly 0), or undefined when this one is left out too. */
function createAllowance(): () => number | undefined {
  let minute = 0;
  let used = 0;
  return () => {
    const now = Math.floor(performance.now() / minuteMs);
    const leftOut = now === minute ? 0 : Math.max(0, used - strangersPerMinute);
    used = now === minute ? used + 1 : 1;
    minute = now;
    return used > strangersPerMinute ? undefined : leftOut;
  };
}

function levelOf(c: ControlContext): "debug" | "info" | "warn" {
  if (c.res.status >= 500) return "warn";
  return c.req.path === "/healthz" || c.req.path === "/readyz" ? "debug" : "info";
}

function fieldsOf(c: ControlContext, told: { startedAt: number; leftOut: number }) {
  return {
    event: "http.request",
    outcome: c.get("errorCode") ?? (c.req.raw.signal.aborted ? "cancelled" : "ok"),
    durationMs: Math.round(performance.now() - told.startedAt),
    requestId: c.get("requestId"),
    method: c.req.method,
    path: c.req.path.slice(0, maxPathCharacters),
    status: c.res.status,
    ...(told.leftOut > 0 ? { leftOut: told.leftOut } : {}),
  };
}

function isStream(response: Response): boolean {
  return /^(application\/x-ndjson|text\/event-stream)/.test(response.headers.get("content-type") ?? "");
}

/** The same bytes; `ended` is called once, whether the stream finishes, fails or is cancelled. */
function whenEnded(body: ReadableStream<Uint8Array>, ended: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      ended();
    },
    async cancel(reason) {
      ended();
      await reader.cancel(reason);
    },
  });
}
