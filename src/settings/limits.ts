import * as z from "zod";
import { settings } from "./setting.ts";

const limit = z.coerce.number().int().min(0).max(1_000_000);

/** What one caller, project, org or visitor may take of a plane. */
export const limitSettings = {
  limitSessionPreviews: limit
    .default(5)
    .describe("Live previews that one client session may have started; 0: no limit")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_SESSION_PREVIEWS" }),
  limitUserPreviews: limit
    .default(20)
    .describe("Live previews that one user may have started")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_USER_PREVIEWS" }),
  limitProjectPreviews: limit
    .default(10)
    .describe("Live previews of one project")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_PROJECT_PREVIEWS" }),
  limitOrgPreviews: limit
    .default(200)
    .describe("Live previews of one org")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_ORG_PREVIEWS" }),
  limitPlanePreviews: limit
    .default(1000)
    .describe("Live previews of all orgs together")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_PLANE_PREVIEWS" }),
  limitStartsPerMinute: limit
    .default(60)
    .describe("Starts of one user in a minute; joining what runs is none")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_STARTS_PER_MINUTE" }),
  limitProjectSleeping: limit
    .default(20)
    .describe("Sleeping previews of one project on a host; beyond it those that sleep longest are stopped; 0: no limit")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_PROJECT_SLEEPING" }),
  limitOrgSleeping: limit
    .default(200)
    .describe("Sleeping previews of one org on a host; 0: no limit")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_ORG_SLEEPING" }),
  limitPreviewConnections: limit
    .default(200)
    .describe("Requests and sockets under way at once on one preview; 0: no limit")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_PREVIEW_CONNECTIONS" }),
  limitAddressConnections: limit
    .default(100)
    .describe(
      "Connections of one address at once; of a visitor whom a trusted proxy brings, requests and sockets under way; 0: no limit",
    )
    .register(settings, { env: "DEV_PREVIEW_LIMIT_ADDRESS_CONNECTIONS" }),
  limitHeadBytes: z.coerce
    .number()
    .int()
    .min(4_096)
    .max(1_048_576)
    .default(131_072)
    .describe("Size of a request's head; beyond 1,000 connections those that come have 16 KiB at most")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_HEAD_BYTES" }),
  limitHeadSeconds: z.coerce
    .number()
    .min(1)
    .max(300)
    .default(10)
    .describe("Time within which a request's head must have arrived")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_HEAD_SECONDS" }),
  limitInvalidLinks: limit
    .default(300)
    .describe("Links that do not exist which one address may ask the gateway for in a minute")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_INVALID_LINKS" }),
};
