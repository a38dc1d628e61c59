import { setTimeout as pause } from "node:timers/promises";
import { PreviewError } from "../errors.ts";
import { openDedicatedConnection } from "./dedicated-connection.ts";
import { clusterDatabase, clusterUser } from "./embedded-cluster.ts";
import { launchPostmaster, logName } from "./embedded-launch.ts";
import type { EmbeddedSite } from "./embedded-launch.ts";
import { embeddedPort } from "./embedded-socket.ts";
import { disownLockFile, exists, hasSocket, isServing, readPostmaster } from "./postmaster.ts";
import type { Postmaster } from "./postmaster.ts";
import { stopPostmaster } from "./postmaster-stop.ts";
import type { ServerConnection } from "./target.ts";

export interface RunOptions {
  readonly site: EmbeddedSite;
  readonly signal?: AbortSignal | undefined;
  /** Path of the server's program, made ready when it is needed. */
  postgres(): Promise<string>;
}

export interface RunningServer {
  readonly pid: number;
  readonly connection: ServerConnection;
  readonly adopted: boolean;
}

/** All of it, recovery after a crash included. */
const limitMs = 90_000;
/** A killed server stays a zombie until init reaps it, mostly within 1.5 s; after this time nobody will. */
const zombieLimitMs = 2_500;
/** How long starts may end by themselves: survivors of a killed server need a moment to go. */
const failingLimitMs = 8_000;
const pollMs = 50;
const longestPauseMs = 1_000;

/**
 * The running server of the site: the one found, or a new one. One that lost its socket file to a
 * cleaner of the temporary directory can never be reached again, and is replaced. Throws `database_unavailable` when it
 * does not start, naming its log.
 */
export async function ensureRunning(options: RunOptions): Promise<RunningServer> {
  const { site, signal } = options;
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  let failures = 0;
  while (elapsed() < (failures > 0 ? failingLimitMs : limitMs)) {
    signal?.throwIfAborted();
    const found = await readPostmaster(site.dataDirectory);
    if (found !== undefined && (await isServing(found.pid, site.dataDirectory))) {
      failures = 0;
      if (found.ready && (await answers(found))) return running(found, true);
      if (found.ready && !(await hasSocket(found))) await stopPostmaster(found.pid, site.dataDirectory);
    } else if (await launchPostmaster(await options.postgres(), site, signal)) {
      const launched = await readPostmaster(site.dataDirectory);
      if (launched !== undefined) return running(launched, false);
    } else {
      failures += 1;
      if (found !== undefined && exists(found.pid) && elapsed() > zombieLimitMs) {
        await disownLockFile(site.dataDirectory, site.socketDirectory);
      }
    }
    await pause(Math.min(pollMs * (1 + failures), longestPauseMs), undefined, { signal });
  }
  throw new PreviewError("database_unavailable", "the embedded database did not start", {
    hint: `Read ${site.home}/${logName}.`,
  });
}

function running(server: Postmaster, adopted: boolean): RunningServer {
  const connection = {
    host: server.socketDirectory,
    port: embeddedPort,
    user: clusterUser,
    database: clusterDatabase,
  };
  return { pid: server.pid, connection, adopted };
}

async function answers(server: Postmaster): Promise<boolean> {
  const probe = openDedicatedConnection(
    { connection: running(server, true).connection },
    { applicationName: "dev-preview probe", statementTimeoutMs: 2_000 },
  );
  try {
    await probe.query((sql) => sql`select 1`);
    return true;
  } catch {
    // shutting down, or not yet listening: the caller looks again
    return false;
  } finally {
    await probe.close();
  }
}
