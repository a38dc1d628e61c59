import type { OpenAPIHono } from "@hono/zod-openapi";
import type { CallOptions, PreviewUseCases } from "../preview/use-cases.ts";
import type { PreviewOutput } from "../preview/contract.ts";
import type { ProblemAnswer } from "./answer-problem.ts";
import type { ControlContext, ControlEnv } from "./control-env.ts";
import { ndjson } from "./phase-stream.ts";
import { getRoute, listRoute, logsRoute, startRoute, stopRoute, urlRoute } from "./preview-routes.ts";
import { streamPhases } from "./stream-phases.ts";

export interface PreviewServing {
  readonly useCases: PreviewUseCases;
  readonly problems: ProblemAnswer;
  readonly heartbeatMs: number;
}

/** Binds the preview routes to the use-cases. */
export function servePreviews(app: OpenAPIHono<ControlEnv>, serving: PreviewServing): void {
  const { useCases } = serving;
  app.openapi(startRoute, (c) => {
    const input = c.req.valid("json");
    return answerOrStream(c, serving, (options) => useCases.start(c.get("context"), input, options));
  });
  app.openapi(urlRoute, (c) => {
    const input = c.req.valid("json");
    return answerOrStream(c, serving, (options) => useCases.url(c.get("context"), input, options));
  });
  app.openapi(stopRoute, async (c) =>
    c.json(await useCases.stop(c.get("context"), c.req.valid("json"), cancellation(c)), 200),
  );
  app.openapi(listRoute, async (c) =>
    c.json(await useCases.list(c.get("context"), c.req.valid("query"), cancellation(c)), 200),
  );
  app.openapi(getRoute, async (c) => c.json(await useCases.get(c.get("context"), c.req.valid("param").name), 200));
  app.openapi(logsRoute, async (c) => {
    const input = { ...c.req.valid("query"), name: c.req.valid("param").name };
    return c.json(await useCases.logs(c.get("context"), input, cancellation(c)), 200);
  });
}

/** Ends the wait when the caller goes away; the preview lives on. */
function cancellation(c: ControlContext): { signal: AbortSignal } {
  return { signal: c.req.raw.signal };
}

async function answerOrStream(
  c: ControlContext,
  serving: PreviewServing,
  call: (options: CallOptions) => Promise<PreviewOutput>,
): Promise<Response> {
  if (!(c.req.header("accept") ?? "").includes(ndjson)) return c.json(await call(cancellation(c)), 200);
  const stream = streamPhases((onPhase) => call({ ...cancellation(c), onPhase }), {
    heartbeatMs: serving.heartbeatMs,
    problemOf: (error) => serving.problems.problemOf(c, error),
  });
  // nginx in front would hold the lines back.
  return c.body(stream, 200, { "content-type": ndjson, "x-accel-buffering": "no" });
}
