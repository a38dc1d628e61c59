import type { Logger } from "../logger.ts";
import type { EmbeddedSite } from "./embedded-launch.ts";
import type { RunningServer } from "./embedded-run.ts";
import { hasSocket, isServing } from "./postmaster.ts";

export interface SupervisorOptions {
  readonly site: EmbeddedSite;
  readonly logger: Logger;
  readonly first: RunningServer;
  /** Finds or starts the server. */
  run(signal: AbortSignal): Promise<RunningServer>;
}

export interface Supervisor {
  pid(): number;
  /** Also ends a start that is under way. */
  close(): Promise<void>;
}

/** How soon a dead server is noticed. It may be somebody else's child, so its end is not told. */
const lookEveryMs = 500;
/** After a start that failed. */
const retryAfterMs = 5_000;

/** Starts the server again when it died, for as long as we live: nobody else looks after it. */
export function superviseServer(options: SupervisorOptions): Supervisor {
  const { site, logger } = options;
  const stop = new AbortController();
  let pid = options.first.pid;
  let retryAt = 0;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    if ((await isServing(pid, site.dataDirectory)) && (await hasSocket(site))) return;
    logger.warn({ event: "db.embedded_died", pid }, "embedded database ended, starting it again");
    try {
      pid = (await options.run(stop.signal)).pid;
      logger.info({ event: "db.embedded_restarted", pid }, "embedded database runs again");
    } catch (error) {
      if (stop.signal.aborted) return;
      retryAt = performance.now() + retryAfterMs;
      logger.error({ event: "db.embedded_restart_failed", err: error }, "embedded database does not start");
    }
  }

  const timer = setInterval(() => {
    if (looking !== undefined || performance.now() < retryAt) return;
    looking = look().finally(() => (looking = undefined));
  }, lookEveryMs);
  timer.unref();

  return {
    pid: () => pid,
    async close() {
      clearInterval(timer);
      stop.abort();
      await looking;
    },
  };
}
