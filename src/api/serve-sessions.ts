import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { LoginSessions } from "../identity/login-sessions.ts";
import type { ControlEnv } from "./control-env.ts";
import { answers } from "./route-parts.ts";
import { endedSessions, sessionList, sessionTarget } from "./session-schemas.ts";

const tags = ["sessions"];

const listSessionsRoute = createRoute({
  method: "get",
  path: "/v1/sessions",
  operationId: "listSessions",
  summary: "Who of the org is logged in for gated links",
  tags,
  request: { query: sessionTarget },
  responses: answers(sessionList.meta({ id: "SessionList" }), "The sessions"),
});

const endSessionsRoute = createRoute({
  method: "delete",
  path: "/v1/sessions",
  operationId: "endSessions",
  summary: "Log out one user of the org, or all, within a second; what is open through it included",
  tags,
  request: { query: sessionTarget },
  responses: answers(endedSessions.meta({ id: "EndedSessions" }), "How many there were"),
});

/** Binds the routes of logins. */
export function serveSessions(app: OpenAPIHono<ControlEnv>, sessions: LoginSessions): void {
  app.openapi(listSessionsRoute, async (c) => {
    const listed = await sessions.list(c.get("principal"), c.req.valid("query"));
    const shown = listed.map(({ createdAt, expiresAt, ...session }) => ({
      ...session,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    }));
    return c.json({ sessions: shown }, 200);
  });
  app.openapi(endSessionsRoute, async (c) =>
    c.json({ ended: await sessions.end(c.get("principal"), c.req.valid("query")) }, 200),
  );
}
