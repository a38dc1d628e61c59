import * as z from "zod";
import { logLevels } from "../logger.ts";
import { settings } from "./setting.ts";

/** Where a plane keeps what it knows, and how much it says. */
export const stateSettings = {
  stateDir: z
    .string()
    .min(1)
    .describe("Directory of the embedded database, keys, logs and the running plane's address")
    .register(settings, { env: "DEV_PREVIEW_STATE_DIR", defaultText: "~/.local/state/dev-preview" }),
  databaseUrl: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe("A Postgres server to use instead of the embedded one")
    .register(settings, { env: "DATABASE_URL", secret: true }),
  logLevel: z
    .enum(logLevels)
    .default("info")
    .describe("Verbosity of the plane's own log (stderr)")
    .register(settings, { env: "DEV_PREVIEW_LOG_LEVEL" }),
};
