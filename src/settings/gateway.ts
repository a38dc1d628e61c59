import * as z from "zod";
import { flag, networks, port, seconds, settings } from "./setting.ts";

/** Where the preview gateway listens, and what its links look like. */
export const gatewaySettings = {
  gatewayHost: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address that the preview gateway binds")
    .register(settings, { env: "DEV_PREVIEW_GATEWAY_HOST" }),
  gatewayPort: port
    .optional()
    .describe("Port of the gateway; without it 4781, or a free one when that is taken")
    .register(settings, { env: "DEV_PREVIEW_GATEWAY_PORT", defaultText: "4781" }),
  gatewayWorkers: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe(
      "Processes that serve previews; 1: the plane's own. Without it 1 on one or two processors, else one for each, 8 at most",
    )
    .register(settings, { env: "DEV_PREVIEW_GATEWAY_WORKERS", defaultText: "by processors" }),
  gatewayReusePort: flag
    .default(false)
    .describe(
      "Another plane of the same user may bind gatewayPort while this one still serves, if it has this set too (Linux, Node 22.12 or newer)",
    )
    .register(settings, { env: "DEV_PREVIEW_GATEWAY_REUSE_PORT" }),
  domain: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, "a lower-case domain name")
    .max(180)
    .default("localhost")
    .describe("Domain under which previews get their host names")
    .register(settings, { env: "DEV_PREVIEW_DOMAIN" }),
  publicScheme: z
    .enum(["http", "https"])
    .optional()
    .describe(
      "Scheme of preview URLs (https when a TLS edge stands in front); without it https where the gateway itself speaks TLS",
    )
    .register(settings, { env: "DEV_PREVIEW_PUBLIC_SCHEME", defaultText: "http" }),
  publicPort: port
    .optional()
    .describe("Port in preview URLs; without it the gateway's own")
    .register(settings, { env: "DEV_PREVIEW_PUBLIC_PORT", defaultText: "the gateway's port" }),
  trustedProxies: networks
    .default([])
    .describe(
      "Addresses and networks of the edges before the gateway, comma separated: their X-Forwarded-For says who visits",
    )
    .register(settings, { env: "DEV_PREVIEW_TRUSTED_PROXIES" }),
  signingKeys: z
    .string()
    .regex(
      /^\d{1,2}:[A-Za-z0-9+/_=-]{43,}(,\d{1,2}:[A-Za-z0-9+/_=-]{43,})?$/,
      "`<id 0-15>:<32 or more bytes in base64>`, two at most, comma separated; the first one signs",
    )
    .optional()
    .describe(
      "Keys that sign links; planes that share a database must share them. Without it a key is made and kept in the state directory",
    )
    .register(settings, { env: "DEV_PREVIEW_SIGNING_KEYS", secret: true }),
  drainSeconds: seconds(3_600)
    .default(5)
    .describe("How long calls, requests and sockets under way may go on when the plane is told to end; 0: not at all")
    .register(settings, { env: "DEV_PREVIEW_DRAIN_SECONDS" }),
  linkTtlSeconds: z.coerce
    .number()
    .int()
    .min(60)
    .max(604_800)
    .default(43_200)
    .describe("Life of a link when the caller names none")
    .register(settings, { env: "DEV_PREVIEW_LINK_TTL_SECONDS" }),
};
