import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { ScopeError } from "../scopes.ts";
import type { ControlContext } from "./control-env.ts";
import type { Challenge } from "./middleware/authentication.ts";
import { problemDetailsOf } from "./problem-details.ts";
import type { ProblemDetails } from "./problem-details.ts";

/** Answers with problem+json. What is unexpected is logged here, once, and told as a request id only. */
export function createProblemAnswer(logger: Logger, challenge: Challenge) {
  const problemOf = (c: ControlContext, thrown: unknown): ProblemDetails => {
    const error = translate(thrown, c.req.raw.signal);
    const requestId = c.get("requestId");
    if (!(error instanceof PreviewError)) logger.error({ event: "api.unexpected", requestId, err: error }, "api");
    if (error instanceof ScopeError)
      c.header("WWW-Authenticate", challenge(c, { error: "insufficient_scope", scope: error.scope }));
    const problem = problemDetailsOf(error, requestId);
    c.set("errorCode", problem.code);
    return problem;
  };
  const answer = (c: ControlContext, thrown: unknown): Response => {
    const problem = problemOf(c, thrown);
    return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, {
      "content-type": "application/problem+json",
    });
  };
  return { problemOf, answer };
}

export type ProblemAnswer = ReturnType<typeof createProblemAnswer>;

function translate(thrown: unknown, signal: AbortSignal): unknown {
  if (thrown instanceof PreviewError) return thrown;
  if (thrown instanceof HTTPException) return bodyRefused(thrown);
  // Whatever a call throws after its caller went away says no more than that.
  if (!signal.aborted) return thrown;
  return new PreviewError("cancelled", "the caller went away", { hint: "Call again.", cause: thrown });
}

/** The framework refuses a body that is not JSON (400) or not declared as such (415). */
function bodyRefused(cause: HTTPException): PreviewError {
  const message =
    cause.status === 415 ? "the body's content type is not application/json" : "the body is not well-formed JSON";
  return new PreviewError("invalid_input", message, { hint: "Send JSON with content-type: application/json.", cause });
}
