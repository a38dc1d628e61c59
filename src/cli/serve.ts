import { readFileSync } from "node:fs";
import { loadConfig, processEnv } from "../config.ts";
import { createLogger } from "../logger.ts";
import type { Logger } from "../logger.ts";
import { startPlane } from "../main.ts";
import type { Plane } from "../main.ts";

export interface ServeOptions {
  /** A configuration file that must exist. */
  readonly config?: string | undefined;
  /** Settings from the command line, by their names in the schema. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** Told once, when the plane serves. */
  readonly onReady: (plane: Pick<Plane, "controlUrl" | "gatewayPort">) => void;
}

const closeWithinMs = 10_000;

/** Runs a plane until SIGINT or SIGTERM; dev servers go on. Rejects with what kept it from starting. */
export async function runServe(options: ServeOptions): Promise<void> {
  const env = processEnv();
  const config = loadConfig({
    env,
    flags: options.flags,
    cwd: process.cwd(),
    ...(options.config === undefined ? {} : { file: options.config }),
  });
  const logger = createLogger(config.logLevel);
  const signalled = nextSignal();
  const plane = await startPlane(config, {
    logger,
    version: packageVersion(),
    hostEnv: env,
    configFile: options.config,
  });
  options.onReady(plane);
  logger.info({ event: "plane.closing", signal: await signalled }, "plane closing");
  await closeInTime(plane, logger);
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
  });
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
