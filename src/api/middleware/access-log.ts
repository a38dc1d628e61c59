import type { MiddlewareHandler } from "hono";
import type { Logger } from "../../logger.ts";
import type { ControlContext, ControlEnv } from "../control-env.ts";

/** One line per request, written when its answer is complete: for a stream, when the stream ends. */
export function accessLog(logger: Logger): MiddlewareHandler<ControlEnv> {
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    const write = () => writeLine(logger, c, Math.round(performance.now() - startedAt));
    if (isStream(c.res) && c.res.body !== null) c.res = new Response(whenEnded(c.res.body, write), c.res);
    else write();
  };
}

function writeLine(logger: Logger, c: ControlContext, durationMs: number): void {
  const status = c.res.status;
  const fields = {
    event: "http.request",
    outcome: c.get("errorCode") ?? (c.req.raw.signal.aborted ? "cancelled" : "ok"),
    durationMs,
    requestId: c.get("requestId"),
    method: c.req.method,
    path: c.req.path,
    status,
  };
  if (status >= 500) logger.warn(fields, "request");
  else if (c.req.path === "/healthz" || c.req.path === "/readyz") logger.debug(fields, "request");
  else logger.info(fields, "request");
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
