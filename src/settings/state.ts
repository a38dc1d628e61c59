import * as z from "zod";
import { logLevels } from "../logger.ts";
import { settings } from "./setting.ts";

// what is younger than a day is kept by the database in any case
const days = z.coerce.number().int().min(1).max(36_500);

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
  eventRetentionDays: days
    .default(90)
    .describe("How long events are kept")
    .register(settings, { env: "DEV_PREVIEW_EVENT_RETENTION_DAYS" }),
  accessRetentionDays: days
    .default(30)
    .describe("How long it is kept who was let through by links")
    .register(settings, { env: "DEV_PREVIEW_ACCESS_RETENTION_DAYS" }),
  logLevel: z
    .enum(logLevels)
    .default("info")
    .describe("Verbosity of the plane's own log (stderr)")
    .register(settings, { env: "DEV_PREVIEW_LOG_LEVEL" }),
};
