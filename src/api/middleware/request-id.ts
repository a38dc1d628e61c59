import { randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import type { ControlEnv } from "../control-env.ts";

const wellFormed = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Takes a well-formed `X-Request-Id`, else makes one; the answer carries it. */
export function requestId(): MiddlewareHandler<ControlEnv> {
  return async (c, next) => {
    const given = c.req.header("x-request-id");
    const id = given !== undefined && wellFormed.test(given) ? given : randomUUID();
    c.set("requestId", id);
    // Set now: a header that is added to a finished answer copies the whole of it.
    c.header("X-Request-Id", id);
    await next();
  };
}
