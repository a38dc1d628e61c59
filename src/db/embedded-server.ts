import { join } from "node:path";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { hasOtherClients } from "./embedded-clients.ts";
import { createCluster, flushCluster, hasCluster } from "./embedded-cluster.ts";
import { prepareEngine } from "./embedded-engine.ts";
import type { Engine } from "./embedded-engine.ts";
import { makeHome } from "./embedded-home.ts";
import type { EmbeddedSite } from "./embedded-launch.ts";
import { chooseOwner, unsupported } from "./embedded-owner.ts";
import { ensureRunning } from "./embedded-run.ts";
import type { RunningServer } from "./embedded-run.ts";
import { removeSocketDirectory, socketDirectory } from "./embedded-socket.ts";
import { superviseServer } from "./embedded-supervisor.ts";
import { isServing, readPostmaster } from "./postmaster.ts";
import { stopPostmaster } from "./postmaster-stop.ts";
import type { ServerConnection } from "./target.ts";

export interface EmbeddedServerOptions {
  /** Made when missing, 0700. As root see `makeHome` for what happens to its parent and where the data may go. */
  readonly directory: string;
  readonly logger: Logger;
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal;
}

export interface EmbeddedServer {
  readonly connection: ServerConnection;
  /** Process id of the server, which changes when it had to be started again. */
  pid(): number;
  /**
   * Stops the server, unless another process is connected to it. Close your own connections first:
   * they are not told apart.
   */
  close(): Promise<void>;
}

/**
 * PostgreSQL from npm's native binaries, on a Unix socket in a 0700 directory. It outlives this
 * process: a later start adopts it (about 10 ms; 50 ms for an existing database, 1 s for a new one).
 * While this process lives, a server that dies is started again. Throws `PreviewError`:
 * `database_unsupported` where it cannot run, `database_unavailable` when it does not start.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { logger } = options;
  const startedAt = performance.now();
  const site = await findSite(options.directory);
  const prepare = () => prepareEngine(site.owner, site.home);
  const run = (signal?: AbortSignal) =>
    ensureRunning({ site, signal, postgres: async () => (await prepare()).postgres });

  const created = !(await hasCluster(site.dataDirectory));
  if (created) await createCluster(await prepare(), site.dataDirectory, site.owner);
  const server = await run(options.signal);
  const flushed = created ? flush(await prepare(), site, logger) : undefined;
  logStart(logger, site, { server, created, durationMs: Math.round(performance.now() - startedAt) });

  const supervisor = superviseServer({ site, logger, first: server, run });
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await supervisor.close();
    await flushed;
    await stopUnlessUsed(site, server.connection, logger);
  }

  return {
    connection: server.connection,
    pid: () => supervisor.pid(),
    close: () => (closing ??= close()),
  };
}

async function stopUnlessUsed(site: EmbeddedSite, connection: ServerConnection, logger: Logger): Promise<void> {
  if (await hasOtherClients(connection)) {
    logger.info({ event: "db.embedded_left_running" }, "embedded database is in use, left running");
    return;
  }
  const found = await readPostmaster(site.dataDirectory);
  if (found && (await isServing(found.pid, site.dataDirectory))) await stopPostmaster(found.pid, site.dataDirectory);
  await removeSocketDirectory(site);
}

async function findSite(directory: string): Promise<EmbeddedSite> {
  const owner = await chooseOwner();
  try {
    const home = await makeHome(directory, owner);
    return { owner, home, dataDirectory: join(home, "data"), socketDirectory: await socketDirectory(home, owner) };
  } catch (error) {
    if (error instanceof PreviewError) throw error;
    // a read-only place, somebody else's, or a root that may not change owners
    throw unsupported(`${directory} cannot be prepared`, error);
  }
}

/** Beside the running server, as the first start need not wait for it. */
async function flush(engine: Engine, site: EmbeddedSite, logger: Logger): Promise<void> {
  try {
    await flushCluster(engine, site.dataDirectory, site.owner);
  } catch (error) {
    logger.warn({ event: "db.embedded_flush_failed", err: error }, "new database not yet flushed to disk");
  }
}

function logStart(
  logger: Logger,
  site: EmbeddedSite,
  start: { server: RunningServer; created: boolean; durationMs: number },
): void {
  const { server, created, durationMs } = start;
  const outcome = server.adopted ? "adopted" : created ? "created" : "started";
  const runsAs = site.owner?.name;
  logger.info(
    { event: "db.embedded_started", outcome, pid: server.pid, home: site.home, runsAs, durationMs },
    "embedded database runs",
  );
}
