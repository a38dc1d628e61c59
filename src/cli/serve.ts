import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { handedOverSockets, loadConfig, processEnv } from "../config.ts";
import { createLogger } from "../logger.ts";
import type { Logger } from "../logger.ts";
import { startPlane } from "../main.ts";
import type { Plane } from "../main.ts";
import { listenForEnd } from "./end-signals.ts";
import type { EndSignals } from "./end-signals.ts";

export interface ServeOptions {
  /** A configuration file that must exist. */
  readonly config?: string | undefined;
  /** Settings from the command line, by their names in the schema. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** Told once, when the plane serves. */
  readonly onReady: (plane: Pick<Plane, "controlUrl" | "gatewayPort">) => void;
}

const closeWithinMs = 10_000;
/** On top of the time that draining may take. */
const drainSpareMs = 5_000;

/**
 * Runs a plane until SIGINT or SIGTERM, and then until what is under way has ended; a second signal ends it at once. Dev
 * servers go on. Rejects with what kept it from starting.
 */
export async function runServe(options: ServeOptions): Promise<void> {
  const env = processEnv();
  const config = loadConfig({
    env,
    flags: options.flags,
    cwd: process.cwd(),
    ...(options.config === undefined ? {} : { file: options.config }),
  });
  const logger = createLogger(config.logLevel);
  const signals = listenForEnd();
  const plane = await startPlane(config, {
    logger,
    version: packageVersion(),
    hostEnv: env,
    handedOver: handedOverSockets(env, process.pid),
    configFile: options.config,
  });
  options.onReady(plane);
  const signal = await signals.first;
  if (config.drainSeconds > 0) await drainInTime(plane, { signals, logger, withinMs: config.drainSeconds * 1_000 });
  logger.info({ event: "plane.closing", signal }, "plane closing");
  await closeInTime(plane, logger);
}

async function drainInTime(
  plane: Pick<Plane, "drain">,
  { signals, logger, withinMs }: { readonly signals: EndSignals; readonly logger: Logger; readonly withinMs: number },
): Promise<void> {
  const over = new AbortController();
  const tooLong = pause(withinMs + drainSpareMs, undefined, { signal: over.signal }).catch(() => {
    // it came to its end in time
  });
  const drained = plane
    .drain()
    .catch((err: unknown) =>
      logger.error({ event: "plane.not_drained", err }, "plane is closed without having drained"),
    );
  await Promise.race([drained, signals.second, tooLong]);
  over.abort();
}

/** A close that hangs must not keep the process; whatever it left is adopted by the next plane. */
async function closeInTime(plane: Plane, logger: Logger): Promise<void> {
  const watchdog = setTimeout(() => {
    logger.error({ event: "plane.close_hangs", withinMs: closeWithinMs }, "plane did not close in time");
    process.exit(1);
  }, closeWithinMs);
  await plane.close();
  clearTimeout(watchdog);
}

/** `package.json` lies two folders above, in the sources as in `dist`. */
function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return version;
}
