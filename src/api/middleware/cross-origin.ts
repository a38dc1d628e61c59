import { cors } from "hono/cors";
import type { MiddlewareHandler } from "hono";
import type { ControlEnv } from "../control-env.ts";

/**
 * CORS answers for the origins that the guard let through, so that a page of an allowed origin can
 * read them. It stands behind the guard: an origin that arrives here is an allowed one.
 */
export function crossOrigin(): MiddlewareHandler<ControlEnv> {
  const answer = cors({
    origin: (origin) => origin,
    allowMethods: ["GET", "POST", "PUT", "DELETE"],
    exposeHeaders: ["X-Request-Id", "WWW-Authenticate"],
    maxAge: 600,
  });
  return async (c, next) => (c.req.header("origin") === undefined ? next() : answer(c, next));
}
