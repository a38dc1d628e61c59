import { createRoute } from "@hono/zod-openapi";
import { liveness, readinessReport } from "./health.ts";

const tags = ["health"];
const security: Record<string, string[]>[] = [];

export const livenessRoute = createRoute({
  method: "get",
  path: "/healthz",
  operationId: "liveness",
  summary: "The process answers",
  tags,
  security,
  responses: { 200: { description: "It does", content: { "application/json": { schema: liveness } } } },
});

export const readinessRoute = createRoute({
  method: "get",
  path: "/readyz",
  operationId: "readiness",
  summary: "Database and gateway answer",
  tags,
  security,
  responses: {
    200: { description: "Both do", content: { "application/json": { schema: readinessReport } } },
    503: { description: "One does not", content: { "application/json": { schema: readinessReport } } },
  },
});
