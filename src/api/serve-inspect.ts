import type { OpenAPIHono } from "@hono/zod-openapi";
import type { InspectUseCases } from "../preview/inspection.ts";
import type { ControlContext, ControlEnv } from "./control-env.ts";
import { checkRoute, screenshotRoute } from "./inspect-routes.ts";

/** Binds the routes that look at previews to their use-cases. */
export function serveInspect(app: OpenAPIHono<ControlEnv>, inspect: InspectUseCases): void {
  app.openapi(checkRoute, async (c) =>
    c.json(await inspect.check(c.get("context"), c.req.valid("json"), cancellation(c)), 200),
  );
  app.openapi(screenshotRoute, async (c) =>
    c.json(await inspect.screenshot(c.get("context"), c.req.valid("json"), cancellation(c)), 200),
  );
}

/** Closes the page when the caller goes away. */
function cancellation(c: ControlContext): { signal: AbortSignal } {
  return { signal: c.req.raw.signal };
}
