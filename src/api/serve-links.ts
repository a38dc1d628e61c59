import type { OpenAPIHono } from "@hono/zod-openapi";
import type { LinkUseCases } from "../preview/link-use-cases.ts";
import type { ControlEnv } from "./control-env.ts";
import { listLinksRoute, revokeLinkRoute, revokeLinksRoute, rotateLinkRoute } from "./link-routes.ts";

/** Binds the routes that list and end links; `POST /v1/links` mints them. */
export function serveLinks(app: OpenAPIHono<ControlEnv>, links: LinkUseCases): void {
  app.openapi(listLinksRoute, async (c) =>
    c.json({ links: await links.list(c.get("context"), c.req.valid("query")) }, 200),
  );
  app.openapi(revokeLinksRoute, async (c) =>
    c.json(await links.revokeAll(c.get("context"), c.req.valid("query")), 200),
  );
  app.openapi(revokeLinkRoute, async (c) => c.json(await links.revoke(c.get("context"), c.req.valid("param").id), 200));
  app.openapi(rotateLinkRoute, async (c) =>
    c.json(await links.rotate(c.get("context"), c.req.valid("param").id, c.req.valid("json")), 200),
  );
}
