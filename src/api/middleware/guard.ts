import type { MiddlewareHandler } from "hono";
import { PreviewError } from "../../errors.ts";
import type { ControlEnv } from "../control-env.ts";

/** Judges Host and Origin; a reason refuses. See src/identity/request-guard.ts for what passes. */
export type JudgeHeaders = (headers: {
  host: string | undefined;
  origin: string | undefined;
}) => "foreign_host" | "foreign_origin" | undefined;

/** Refuses requests with a foreign Host or Origin, before anything else (authentication too) sees them. */
export function guard(judge: JudgeHeaders): MiddlewareHandler<ControlEnv> {
  return async (c, next) => {
    const reason = judge({ host: c.req.header("host"), origin: c.req.header("origin") });
    if (reason !== undefined) throw refusal(reason);
    await next();
  };
}

/** The refused value is not repeated: it was chosen by whoever we refuse. */
function refusal(reason: "foreign_host" | "foreign_origin"): PreviewError {
  return reason === "foreign_host"
    ? new PreviewError("forbidden", "the Host header is not a name of this plane", {
        hint: "Call http://127.0.0.1:<port>, or add the name to controlNames (DEV_PREVIEW_CONTROL_NAMES).",
      })
    : new PreviewError("forbidden", "the Origin header is not an origin that may call this plane", {
        hint: "Add the origin to allowedOrigins (DEV_PREVIEW_ALLOWED_ORIGINS).",
      });
}
