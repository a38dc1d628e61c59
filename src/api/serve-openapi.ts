import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import type { ControlEnv } from "./control-env.ts";

const openapiRoute = createRoute({
  method: "get",
  path: "/v1/openapi.json",
  operationId: "openapi",
  summary: "This description, OpenAPI 3.1",
  tags: ["health"],
  responses: {
    200: {
      description: "The description",
      content: { "application/json": { schema: z.object({ openapi: z.string() }) } },
    },
  },
});

/** Serves the description of every route bound before the first request. */
export function serveOpenapi(app: OpenAPIHono<ControlEnv>, version: string): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  const describe = () =>
    app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "dev-preview plane", version, description: "Start, link, stop and read previews." },
      security: [{ bearer: [] }],
    });
  let document: ReturnType<typeof describe> | undefined;
  app.openapi(openapiRoute, (c) => c.json({ ...(document ??= describe()) }, 200));
}
