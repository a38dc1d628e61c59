import { bodyLimit as streamLimit } from "hono/body-limit";
import type { MiddlewareHandler } from "hono";
import { PreviewError } from "../../errors.ts";
import type { ControlEnv } from "../control-env.ts";

/** Refuses bodies of more than `maxBytes`: by their declared length, else while they are read. */
export function bodyLimit(maxBytes: number): MiddlewareHandler<ControlEnv> {
  const tooLarge = () => {
    throw new PreviewError("body_too_large", `the body has more than ${maxBytes} bytes`, { hint: "Send less." });
  };
  const limitStream = streamLimit({ maxSize: maxBytes, onError: tooLarge });
  return async (c, next) => {
    const declared = c.req.header("content-length");
    // A body of known length needs no counting: the HTTP parser holds it to that length.
    if (declared === undefined || c.req.header("transfer-encoding") !== undefined) return limitStream(c, next);
    if (Number(declared) > maxBytes) tooLarge();
    return next();
  };
}
