import type { OpenAPIHono } from "@hono/zod-openapi";
import type { EventLog } from "../preview/events/event-log.ts";
import type { LinkUseCases } from "../preview/links/link-use-cases.ts";
import { recordingRefusal } from "../preview/events/record-refusals.ts";
import type { ControlContext, ControlEnv } from "./control-env.ts";
import { listLinksRoute, revokeLinkRoute, revokeLinksRoute, rotateLinkRoute } from "./link-routes.ts";

export interface LinkServing {
  readonly links: LinkUseCases;
  readonly eventLog: Pick<EventLog, "record">;
}

/** Binds the routes that list and end links; `POST /v1/links` mints them. */
export function serveLinks(app: OpenAPIHono<ControlEnv>, { links, eventLog }: LinkServing): void {
  const recorded = <Output>(c: ControlContext, call: string, work: () => Promise<Output>) =>
    recordingRefusal(eventLog, c.get("context"), { call, work });
  app.openapi(listLinksRoute, async (c) => {
    const target = c.req.valid("query");
    return c.json({ links: await recorded(c, "listLinks", () => links.list(c.get("context"), target)) }, 200);
  });
  app.openapi(revokeLinksRoute, async (c) => {
    const target = c.req.valid("query");
    return c.json(await recorded(c, "revokeLinks", () => links.revokeAll(c.get("context"), target)), 200);
  });
  app.openapi(revokeLinkRoute, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await recorded(c, "revokeLink", () => links.revoke(c.get("context"), id)), 200);
  });
  app.openapi(rotateLinkRoute, async (c) => {
    const { id } = c.req.valid("param");
    const rotation = c.req.valid("json");
    return c.json(await recorded(c, "rotateLink", () => links.rotate(c.get("context"), id, rotation)), 200);
  });
}
