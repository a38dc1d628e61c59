import { chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { chooseOwner } from "../../src/db/embedded-owner.ts";
import { startEmbeddedServer } from "../../src/db/embedded-server.ts";
import { isServing, readPostmaster } from "../../src/db/postmaster.ts";
import { stopPostmaster } from "../../src/db/postmaster-stop.ts";
import { runProgram } from "../../src/db/run-program.ts";
import type { Owner } from "../../src/db/run-program.ts";
import type { ServerConnection } from "../../src/db/target.ts";
import { createLogger } from "../../src/logger.ts";

/** A server that a test may stop, kill and start again. */
export interface TestServer {
  readonly connection: ServerConnection;
  /** What pg_stat_activity, /proc and `kill` know the server by. */
  pid(): Promise<number>;
  start(): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

export type StartTestServer = () => Promise<TestServer>;

/** The embedded engine, as a plane runs it: what dies is started again by itself, what was stopped is not. */
export async function startEmbeddedTestServer(): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), "dpp-embedded-"));
  const data = join(directory, "postgres", "data");
  const open = () => startEmbeddedServer({ directory: join(directory, "postgres"), logger: createLogger("silent") });
  let server = await open();
  let stopped = false;
  return {
    connection: server.connection,
    pid: async () => server.pid(),
    async start() {
      if (stopped) server = await open();
      stopped = false;
      await vi.waitUntil(() => isServing(server.pid(), data), { timeout: 20_000 });
    },
    async stop() {
      stopped = true;
      // a close leaves the server running while somebody is connected; here it is to stop all the same
      const closed = server.close();
      await stopPostmaster(server.pid(), data);
      await closed;
    },
    async close() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The newest server that Debian's packages left in /usr/lib/postgresql, or undefined. */
export function findSystemPostgres(): string | undefined {
  try {
    const root = "/usr/lib/postgresql";
    const versions = readdirSync(root).sort((one, other) => Number(other) - Number(one));
    return versions.map((version) => join(root, version, "bin")).at(0);
  } catch {
    // not installed: the caller says so
    return undefined;
  }
}

/** A throw-away cluster of a real server, without fsync. */
export async function startSystemTestServer(bin: string): Promise<TestServer> {
  const owner = await chooseOwner();
  const directory = mkdtempSync(join(tmpdir(), "dpp-system-"));
  if (owner) chownSync(directory, owner.uid, owner.gid);
  const data = join(directory, "data");
  const run = (program: string, args: string[]) => runChecked(join(bin, program), args, { owner, cwd: directory });
  await run("initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]);
  const settings = `-c listen_addresses='' -k ${directory} -c fsync=off`;
  const start = async () => {
    const args = ["-D", data, "-w", "-s", "-l", join(directory, "log"), "-o", settings, "start"];
    // a killed server's lock file is believed until init has reaped the zombie
    await vi.waitFor(() => run("pg_ctl", args), { timeout: 20_000, interval: 200 });
  };
  const stop = async () => {
    const server = await readPostmaster(data);
    if (server && (await isServing(server.pid, data))) await run("pg_ctl", ["-D", data, "-m", "fast", "stop"]);
  };
  await start();
  return {
    connection: { host: directory, port: 5432, user: "postgres", database: "postgres" },
    pid: async () => (await readPostmaster(data))!.pid,
    start,
    stop,
    async close() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function runChecked(file: string, args: string[], options: { owner: Owner | undefined; cwd: string }) {
  const { exitCode, stderr } = await runProgram(file, args, options);
  if (exitCode !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
}
