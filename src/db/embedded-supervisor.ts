import type { Logger } from "../logger.ts";
import type { EmbeddedSite } from "./embedded-launch.ts";
import type { RunningServer } from "./embedded-run.ts";
import { isServing } from "./postmaster.ts";

export interface SupervisorOptions {
  readonly site: EmbeddedSite;
  readonly logger: Logger;
  readonly first: RunningServer;
  /** Finds or starts the server. */
  run(): Promise<RunningServer>;
}

export interface Supervisor {
  pid(): number;
  close(): Promise<void>;
}

/** How soon a dead server is noticed. It may be somebody else's child, so its end is not told. */
const lookEveryMs = 500;

/** Starts the server again when it died, for as long as we live: nobody else looks after it. */
export function superviseServer(options: SupervisorOptions): Supervisor {
  const { site, logger } = options;
  let pid = options.first.pid;
  let closed = false;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    if (await isServing(pid, site.dataDirectory)) return;
    logger.warn({ event: "db.embedded_died", pid }, "embedded database ended, starting it again");
    try {
      pid = (await options.run()).pid;
      logger.info({ event: "db.embedded_restarted", pid }, "embedded database runs again");
    } catch (error) {
      logger.error({ event: "db.embedded_restart_failed", err: error }, "embedded database does not start");
    }
  }

  const timer = setInterval(() => {
    if (closed || looking !== undefined) return;
    looking = look().finally(() => (looking = undefined));
  }, lookEveryMs);
  timer.unref();

  return {
    pid: () => pid,
    async close() {
      closed = true;
      clearInterval(timer);
      await looking;
    },
  };
}
