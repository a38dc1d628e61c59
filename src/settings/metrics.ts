import * as z from "zod";
import { flag, list, port, settings } from "./setting.ts";

/** What an operator watches a plane by. */
export const metricsSettings = {
  metricsHost: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address that the metrics listener binds")
    .register(settings, { env: "DEV_PREVIEW_METRICS_HOST" }),
  metricsPort: port
    .optional()
    .describe("Port of GET /metrics, for Prometheus; without it there is no such listener")
    .register(settings, { env: "DEV_PREVIEW_METRICS_PORT" }),
  metricsNames: list
    .default([])
    .describe("Host names under which the metrics listener may be addressed besides localhost and addresses")
    .register(settings, { env: "DEV_PREVIEW_METRICS_NAMES" }),
  accessLog: flag
    .default(false)
    .describe("Log a line for each request to the gateway at level info; without it at debug")
    .register(settings, { env: "DEV_PREVIEW_ACCESS_LOG" }),
};
