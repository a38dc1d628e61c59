import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { LoginSessions } from "../identity/login-sessions.ts";
import type { EventLog } from "../preview/events/event-log.ts";
import { recordingRefusal } from "../preview/events/record-refusals.ts";
import type { ControlContext, ControlEnv } from "./control-env.ts";
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

export interface SessionServing {
  readonly sessions: LoginSessions;
  readonly eventLog: Pick<EventLog, "record">;
}

/** Binds the routes of logins. */
export function serveSessions(app: OpenAPIHono<ControlEnv>, { sessions, eventLog }: SessionServing): void {
  const recorded = <Output>(c: ControlContext, call: string, work: () => Promise<Output>) =>
    recordingRefusal(eventLog, c.get("context"), { call, work });
  app.openapi(listSessionsRoute, async (c) => {
    const target = c.req.valid("query");
    const listed = await recorded(c, "listSessions", () => sessions.list(c.get("principal"), target));
    const shown = listed.map(({ createdAt, expiresAt, ...session }) => ({
      ...session,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    }));
    return c.json({ sessions: shown }, 200);
  });
  app.openapi(endSessionsRoute, async (c) => {
    const target = c.req.valid("query");
    return c.json({ ended: await recorded(c, "endSessions", () => sessions.end(c.get("principal"), target)) }, 200);
  });
}
