import * as z from "zod";

/** `planeId` tells a client that the plane it knows from plane.json is the one that answers. */
export const liveness = z
  .object({ status: z.literal("ok"), service: z.literal("dev-preview"), planeId: z.string(), version: z.string() })
  .meta({ id: "Liveness" });

/** `draining`: it was told to end, and finishes what is under way. */
export const readinessReport = z
  .object({ database: z.boolean(), gateway: z.boolean(), draining: z.literal(true).optional() })
  .meta({ id: "Readiness" });
export type ReadinessReport = z.infer<typeof readinessReport>;
