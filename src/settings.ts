import * as z from "zod";
import { controlSettings } from "./settings/control.ts";
import { gatewaySettings } from "./settings/gateway.ts";
import { identityProviderSettings } from "./settings/identity-provider.ts";
import { launchSettings } from "./settings/launch.ts";
import { limitSettings } from "./settings/limits.ts";
import { orgSettings } from "./settings/orgs.ts";
import { metricsSettings } from "./settings/metrics.ts";
import { settings } from "./settings/setting.ts";
import { stateSettings } from "./settings/state.ts";
import { tlsSettings } from "./settings/tls.ts";

/** Every setting: defaults <- file <- environment <- flags. README's table is printed from this. */
export const configSchema = z.strictObject({
  ...stateSettings,
  ...controlSettings,
  ...gatewaySettings,
  ...tlsSettings,
  ...launchSettings,
  ...limitSettings,
  ...metricsSettings,
  ...orgSettings,
  ...identityProviderSettings,
});

export type Config = z.infer<typeof configSchema>;

/** What a client of a plane (the stdio front, the command line) reads: environment <- flags, no file. */
export const clientConfigSchema = z.strictObject({
  stateDir: configSchema.shape.stateDir,
  root: z
    .string()
    .min(1)
    .optional()
    .describe("Directory of the project; without it the working tree that the client runs in")
    .register(settings, { env: "DEV_PREVIEW_ROOT", defaultText: "the git root or worktree of the current directory" }),
  project: z
    .string()
    .min(1)
    .optional()
    .describe("Slug of an already registered project, instead of a directory")
    .register(settings, { env: "DEV_PREVIEW_PROJECT" }),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Control address of a plane elsewhere; without it the local plane, started when none runs")
    .register(settings, { env: "DEV_PREVIEW_URL", defaultText: "the local plane" }),
  token: configSchema.shape.token,
  toolsets: configSchema.shape.toolsets,
  logLevel: configSchema.shape.logLevel,
});

export type ClientConfig = z.infer<typeof clientConfigSchema>;
