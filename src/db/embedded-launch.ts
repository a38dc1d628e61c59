import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chown, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { embeddedPort } from "./embedded-socket.ts";
import { readPostmaster } from "./postmaster.ts";
import { programOptions } from "./run-program.ts";
import type { Owner } from "./run-program.ts";

/** Where an embedded server lives. */
export interface EmbeddedSite {
  readonly owner: Owner | undefined;
  readonly home: string;
  readonly dataDirectory: string;
  readonly socketDirectory: string;
}

export const logName = "postgres.log";

/** The server's log starts anew above this size. */
const longestLog = 1024 * 1024;
/** Recovery after a crash happens before the server is ready. */
const readyLimitMs = 60_000;
const pollMs = 5;

/**
 * Starts the server in a session of its own, so that it outlives us. True when it is ready; false when
 * it ended by itself, for instance because another plane was faster. An abort stops it again.
 */
export async function launchPostmaster(postgres: string, site: EmbeddedSite, signal?: AbortSignal): Promise<boolean> {
  const log = await openLog(join(site.home, logName), site.owner);
  try {
    const child = spawn(postgres, serverArguments(site), {
      ...programOptions({ owner: site.owner, cwd: site.home }),
      stdio: ["ignore", log.fd, log.fd],
      detached: true,
    });
    // rejects with the child's `error` when it cannot be run
    await once(child, "spawn");
    child.unref();
    return await untilReady(child, site, signal);
  } finally {
    await log.close();
  }
}

async function untilReady(child: ChildProcess, site: EmbeddedSite, signal?: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + readyLimitMs;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    const server = await readPostmaster(site.dataDirectory);
    if (server?.pid === child.pid && server?.ready === true) return true;
    if (signal?.aborted) {
      child.kill("SIGINT");
      throw signal.reason;
    }
    await pause(pollMs);
  }
  return false;
}

function serverArguments(site: EmbeddedSite): string[] {
  const settings = {
    listen_addresses: "",
    unix_socket_directories: site.socketDirectory,
    unix_socket_permissions: "0700",
    cluster_name: "dev-preview",
    shared_buffers: "16MB",
    // nothing replicates from it; fsync stays on, as it is by default
    wal_level: "minimal",
    max_wal_senders: "0",
    max_logical_replication_workers: "0",
    // the other methods keep processes of their own
    io_method: "sync",
    // a log that grows with use would need rotation, and a statement or a row in it may hold a secret
    log_checkpoints: "off",
    log_min_messages: "log",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
  };
  const assignments = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", site.dataDirectory, "-p", String(embeddedPort), ...assignments];
}

async function openLog(path: string, owner: Owner | undefined) {
  const size = await stat(path).then(
    (entry) => entry.size,
    () => 0,
  );
  const log = await open(path, size > longestLog ? "w" : "a", 0o600);
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
  return log;
}
