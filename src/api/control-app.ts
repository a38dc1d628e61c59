import { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Clock } from "../clock.ts";
import type { ApiKeys } from "../identity/api-keys.ts";
import type { RequestContext } from "../identity/context.ts";
import type { LoginSessions } from "../identity/login-sessions.ts";
import type { Logger } from "../logger.ts";
import type { InspectUseCases } from "../preview/inspection.ts";
import type { LinkUseCases } from "../preview/links/link-use-cases.ts";
import { ownOrg } from "../preview/launch/confinement.ts";
import type { EventLog } from "../preview/events/event-log.ts";
import type { EventUseCases } from "../preview/events/read-events.ts";
import type { PreviewUseCases } from "../preview/use-cases.ts";
import { PreviewError } from "../errors.ts";
import { createProblemAnswer } from "./answer-problem.ts";
import type { ControlEnv } from "./control-env.ts";
import { livenessRoute, readinessRoute } from "./health-routes.ts";
import type { ReadinessReport } from "./health.ts";
import { accessLog } from "./middleware/access-log.ts";
import { authentication, createChallenge } from "./middleware/authentication.ts";
import type { Authenticate } from "./middleware/authentication.ts";
import { bodyLimit } from "./middleware/body-limit.ts";
import { crossOrigin } from "./middleware/cross-origin.ts";
import { guard } from "./middleware/guard.ts";
import type { JudgeHeaders } from "./middleware/guard.ts";
import { requestContext } from "./middleware/request-context.ts";
import { requestId } from "./middleware/request-id.ts";
import { FieldsRefusedError } from "./problem-details.ts";
import { resourceMetadataUrl, serveResourceMetadata } from "./resource-metadata.ts";
import type { Authorization } from "./resource-metadata.ts";
import { serveEvents } from "./serve-events.ts";
import { serveInspect } from "./serve-inspect.ts";
import { serveKeys } from "./serve-keys.ts";
import { serveLinks } from "./serve-links.ts";
import { serveOpenapi } from "./serve-openapi.ts";
import { servePreviews } from "./serve-previews.ts";
import { serveProjects } from "./serve-projects.ts";
import { serveSessions } from "./serve-sessions.ts";

export interface ControlAppOptions {
  readonly useCases: PreviewUseCases;
  readonly links: LinkUseCases;
  readonly inspect: InspectUseCases;
  readonly keys: ApiKeys;
  readonly events: EventUseCases;
  readonly eventLog: Pick<EventLog, "record">;
  readonly sessions: LoginSessions;
  readonly clock: Clock;
  readonly authenticate: Authenticate;
  /** The identity provider whose tokens are taken besides; absent: none. */
  readonly authorization?: Authorization;
  /** Refuses by Host and Origin; `createRequestGuard` of src/identity makes it. */
  readonly judgeRequest: JudgeHeaders;
  /** Answers /mcp, whose request passed guard, authentication and body limit. */
  readonly mcp: (request: Request, context: RequestContext) => Promise<Response>;
  readonly readiness: () => Promise<ReadinessReport>;
  /** Told by /healthz, so that a client knows whom it found. */
  readonly planeId: string;
  readonly version: string;
  readonly logger: Logger;
  /** Time between the blank lines of a streamed start; default 10 s. */
  readonly heartbeatMs?: number;
}

const mebibyte = 1024 * 1024;

/** The control listener's app: /v1, /mcp, /healthz and /readyz. */
export function createControlApp(options: ControlAppOptions): OpenAPIHono<ControlEnv> {
  const { useCases, logger } = options;
  const { authorization } = options;
  const challenge = createChallenge((c) => authorization && resourceMetadataUrl(c, authorization));
  const problems = createProblemAnswer(logger, challenge);
  const app = new OpenAPIHono<ControlEnv>({
    defaultHook: (result, c) =>
      result.success ? undefined : problems.answer(c, new FieldsRefusedError(result.error.issues)),
  });
  app.onError((error, c) => problems.answer(c, error));
  app.notFound((c) => problems.answer(c, nothingHere(c.req.method, c.req.path)));

  app.use(requestId(), accessLog(logger), guard(options.judgeRequest), crossOrigin());
  serveHealth(app, options);
  if (authorization !== undefined) serveResourceMetadata(app, authorization);
  // Below this line every route asks for a principal, those that do not exist too.
  const onRefused = () =>
    options.eventLog.record({
      type: "call.refused",
      owner: { org: ownOrg },
      data: { code: "unauthenticated", call: "any" },
    });
  app.use(authentication(options.authenticate, challenge, onRefused), requestContext());
  app.use("/v1/*", bodyLimit(mebibyte), noStore());
  const { heartbeatMs = 10_000 } = options;
  servePreviews(app, { useCases, problems, heartbeatMs });
  serveLinks(app, options);
  serveProjects(app, useCases);
  serveInspect(app, options.inspect);
  serveKeys(app, options);
  serveEvents(app, { ...options, problems, heartbeatMs });
  serveSessions(app, options);
  serveOpenapi(app, options.version);
  app.all("/mcp", bodyLimit(4 * mebibyte), async (c) => {
    const answer = await options.mcp(c.req.raw, c.get("context"));
    // An answer that is not made by `c` does not carry the headers that were set on it.
    answer.headers.set("X-Request-Id", c.get("requestId"));
    const refusal = answer.headers.get("WWW-Authenticate");
    const metadata = authorization && resourceMetadataUrl(c, authorization);
    if (refusal !== null && metadata !== undefined)
      answer.headers.set("WWW-Authenticate", `${refusal}, resource_metadata="${metadata}"`);
    return answer;
  });
  return app;
}

/** Answers carry links, which are capabilities. */
function noStore(): MiddlewareHandler<ControlEnv> {
  return (c, next) => {
    c.header("Cache-Control", "no-store");
    return next();
  };
}

function serveHealth(app: OpenAPIHono<ControlEnv>, { readiness, planeId, version }: ControlAppOptions): void {
  app.openapi(livenessRoute, (c) =>
    c.json({ status: "ok" as const, service: "dev-preview" as const, planeId, version }, 200),
  );
  app.openapi(readinessRoute, async (c) => {
    const report = await readiness();
    return c.json(report, report.database && report.gateway && report.draining === undefined ? 200 : 503);
  });
}

function nothingHere(method: string, path: string): PreviewError {
  return new PreviewError("not_found", `there is no ${method} ${path}`, { hint: "See /v1/openapi.json." });
}
