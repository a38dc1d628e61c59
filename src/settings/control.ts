import * as z from "zod";
import { flag, list, port, settings } from "./setting.ts";

/** Groups of tools that are listed only when asked for. */
const toolsetNames = ["inspect"] as const;

/** What the control listener (/mcp, /v1) binds, is called and takes. */
export const controlSettings = {
  controlHost: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address that the control listener (/mcp, /v1) binds")
    .register(settings, { env: "DEV_PREVIEW_CONTROL_HOST" }),
  controlPort: port
    .optional()
    .describe("Port of the control listener; without it 4780, or a free one when that is taken")
    .register(settings, { env: "DEV_PREVIEW_CONTROL_PORT", defaultText: "4780" }),
  controlNames: list
    .default([])
    .describe("Further host names under which the control listener may be addressed, comma separated")
    .register(settings, { env: "DEV_PREVIEW_CONTROL_NAMES" }),
  controlPublicUrl: z
    .url({ protocol: /^https?$/ })
    .transform((url) => new URL(url).origin)
    .optional()
    .describe("Origin under which clients reach the control listener, where an edge stands in front")
    .register(settings, { env: "DEV_PREVIEW_CONTROL_PUBLIC_URL" }),
  allowedOrigins: list
    .default([])
    .describe("Web origins that may call the control listener, comma separated")
    .register(settings, { env: "DEV_PREVIEW_ALLOWED_ORIGINS" }),
  token: z
    .string()
    .min(24, "at least 24 characters")
    .optional()
    .describe("Bearer token of the control listener; without it one is made and kept in the state directory")
    .register(settings, { env: "DEV_PREVIEW_TOKEN", secret: true }),
  dangerouslyNoAuth: flag
    .default(false)
    .describe("Accept calls without a token; on loopback only")
    .register(settings, { env: "DEV_PREVIEW_DANGEROUSLY_NO_AUTH" }),
  orgWorkspaces: z
    .string()
    .regex(/^\/.*\{org\}/, "an absolute path with {org} in it, like /srv/workspaces/{org}")
    .optional()
    .describe("Folder in which an org's own keys may register projects; without it only the plane's token registers")
    .register(settings, { env: "DEV_PREVIEW_ORG_WORKSPACES" }),
  toolsets: list
    .pipe(z.array(z.enum(toolsetNames)))
    .default([])
    .describe("Further tools to offer over MCP, comma separated: inspect (needs a Chromium)")
    .register(settings, { env: "DEV_PREVIEW_TOOLSETS" }),
};
