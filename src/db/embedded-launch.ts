import { spawn } from "node:child_process";
import { open, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { readPostmaster } from "./postmaster.ts";
import { programOptions } from "./run-program.ts";
import type { Owner } from "./run-program.ts";

export interface LaunchOptions {
  readonly postgres: string;
  readonly home: string;
  readonly dataDirectory: string;
  readonly socketDirectory: string;
  readonly owner: Owner | undefined;
  readonly signal: AbortSignal | undefined;
}

/** It is part of the socket's name only. */
export const embeddedPort = 5432;

/** The server's log starts anew above this size. */
const longestLog = 1024 * 1024;
/** Recovery after a crash happens before the server is ready. */
const readyLimitMs = 60_000;

/**
 * Starts the server in a session of its own, so that it outlives us, and returns true when it is
 * ready; false when it ended by itself, for instance because another plane was faster.
 */
export async function launchPostmaster(options: LaunchOptions): Promise<boolean> {
  const logPath = join(options.home, "postgres.log");
  await shorten(logPath);
  const log = await open(logPath, "a", 0o600);
  try {
    const child = spawn(options.postgres, serverOptions(options), {
      ...programOptions({ owner: options.owner, cwd: options.home }),
      stdio: ["ignore", log.fd, log.fd],
      detached: true,
    });
    const failed = new Promise<Error>((resolve) => child.once("error", resolve));
    const started = await Promise.race([failed, new Promise<void>((resolve) => child.once("spawn", resolve))]);
    if (started instanceof Error) throw started;
    child.unref();
    return await untilReady(child, options);
  } finally {
    await log.close();
  }
}

async function untilReady(child: ReturnType<typeof spawn>, options: LaunchOptions): Promise<boolean> {
  const deadline = performance.now() + readyLimitMs;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    options.signal?.throwIfAborted();
    const server = await readPostmaster(options.dataDirectory);
    if (server?.pid === child.pid && server?.ready === true) return true;
    await pause(5);
  }
  return false;
}

function serverOptions(options: LaunchOptions): string[] {
  const settings = {
    listen_addresses: "",
    unix_socket_directories: options.socketDirectory,
    unix_socket_permissions: "0700",
    cluster_name: "dev-preview",
    shared_buffers: "16MB",
    // nothing replicates from it; fsync stays on, as it is by default
    wal_level: "minimal",
    max_wal_senders: "0",
    io_method: "sync",
    // a log that grows with use would need rotation, and a statement in it may hold a secret
    log_checkpoints: "off",
    log_min_messages: "log",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
  };
  const assignments = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", options.dataDirectory, "-p", String(embeddedPort), ...assignments];
}

async function shorten(path: string): Promise<void> {
  const size = await stat(path).then(
    (entry) => entry.size,
    () => 0,
  );
  if (size > longestLog) await truncate(path);
}
