import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";

/** `planeId` tells a client that the plane it knows from plane.json is the one that answers. */
export const liveness = z
  .object({ status: z.literal("ok"), service: z.literal("dev-preview"), planeId: z.string(), version: z.string() })
  .meta({ id: "Liveness" });

export const readinessReport = z.object({ database: z.boolean(), gateway: z.boolean() }).meta({ id: "Readiness" });
export type ReadinessReport = z.infer<typeof readinessReport>;

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
