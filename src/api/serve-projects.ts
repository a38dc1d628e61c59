import type { OpenAPIHono } from "@hono/zod-openapi";
import type { PreviewUseCases } from "../preview/use-cases.ts";
import type { ControlEnv } from "./control-env.ts";
import { getProjectRoute, listProjectsRoute, putProjectRoute, removeProjectRoute } from "./project-routes.ts";

/** Binds the project routes to the use-cases. */
export function serveProjects(app: OpenAPIHono<ControlEnv>, useCases: PreviewUseCases): void {
  app.openapi(putProjectRoute, async (c) =>
    c.json(await useCases.putProject(c.get("context"), c.req.valid("param").slug, c.req.valid("json")), 200),
  );
  app.openapi(getProjectRoute, async (c) =>
    c.json(await useCases.getProject(c.get("context"), c.req.valid("param").slug), 200),
  );
  app.openapi(listProjectsRoute, async (c) => c.json({ projects: await useCases.listProjects(c.get("context")) }, 200));
  app.openapi(removeProjectRoute, async (c) =>
    c.json(await useCases.removeProject(c.get("context"), c.req.valid("param").slug), 200),
  );
}
