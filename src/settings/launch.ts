import * as z from "zod";
import { flag, portRange, seconds, settings } from "./setting.ts";

/** How dev servers are started, confined and ended, and what is kept of them. */
export const launchSettings = {
  portRange: z
    .preprocess((value) => value ?? "20000-20999", portRange)
    .describe("Ports leased to dev servers")
    .register(settings, { env: "DEV_PREVIEW_PORT_RANGE", defaultText: "20000-20999" }),
  defaultCommand: z
    .string()
    .trim()
    .min(1)
    .default("pnpm dev")
    .describe("Command of a project in which none is found")
    .register(settings, { env: "DEV_PREVIEW_DEFAULT_COMMAND" }),
  launchesDir: z
    .string()
    .min(1)
    .optional()
    .describe("Logs and process files of dev servers; planes of one host that share a database share it")
    .register(settings, { env: "DEV_PREVIEW_LAUNCHES_DIR", defaultText: "<stateDir>/launches" }),
  install: z
    .enum(["auto", "never"])
    .default("auto")
    .describe("Install missing node_modules when a lock file is there")
    .register(settings, { env: "DEV_PREVIEW_INSTALL" }),
  startTimeoutSeconds: seconds(3600)
    .default(120)
    .describe("How long a dev server may take until it answers")
    .register(settings, { env: "DEV_PREVIEW_START_TIMEOUT_SECONDS" }),
  installTimeoutSeconds: seconds(3600)
    .default(600)
    .describe("How long an installation may take")
    .register(settings, { env: "DEV_PREVIEW_INSTALL_TIMEOUT_SECONDS" }),
  stopGraceSeconds: seconds(120)
    .default(5)
    .describe("Time between TERM and KILL")
    .register(settings, { env: "DEV_PREVIEW_STOP_GRACE_SECONDS" }),
  logMaxBytes: z.coerce
    .number()
    .int()
    .min(65_536)
    .default(10_485_760)
    .describe("Bound of one dev server's log file")
    .register(settings, { env: "DEV_PREVIEW_LOG_MAX_BYTES" }),
  logKeepSeconds: seconds(31_536_000)
    .default(604_800)
    .describe("How long a preview that ended, and its log, are kept")
    .register(settings, { env: "DEV_PREVIEW_LOG_KEEP_SECONDS" }),
  isolation: z
    .enum(["orgs", "all"])
    .default("orgs")
    .describe(
      "Whose dev servers see nothing of the host but their workspace and the system: all orgs' but the plane's own, or all",
    )
    .register(settings, { env: "DEV_PREVIEW_ISOLATION" }),
  dangerouslyShareHost: flag
    .default(false)
    .describe("Run dev servers of several orgs as the same user, with the same view of the host")
    .register(settings, { env: "DEV_PREVIEW_DANGEROUSLY_SHARE_HOST" }),
  previewMemoryMb: z.coerce
    .number()
    .int()
    .min(0)
    .default(4096)
    .describe("Memory that a dev server of another org than the plane's own may take, MB; 0: no limit")
    .register(settings, { env: "DEV_PREVIEW_PREVIEW_MEMORY_MB" }),
  previewCpus: z.coerce
    .number()
    .min(0)
    .max(1024)
    .default(4)
    .describe("Processors that it may use, e.g. 1.5")
    .register(settings, { env: "DEV_PREVIEW_PREVIEW_CPUS" }),
  previewProcesses: z.coerce
    .number()
    .int()
    .min(0)
    .default(2048)
    .describe("Processes and threads that it may have")
    .register(settings, { env: "DEV_PREVIEW_PREVIEW_PROCESSES" }),
  chromiumPath: z
    .string()
    .min(1)
    .optional()
    .describe("Executable of the Chromium that looks at previews; without it the usual places are searched")
    .register(settings, { env: "DEV_PREVIEW_CHROMIUM_PATH" }),
};
