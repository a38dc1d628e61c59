import { setTimeout as pause } from "node:timers/promises";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { clusterUser, ensureCluster, socketDirectory } from "./embedded-cluster.ts";
import { prepareEngine } from "./embedded-engine.ts";
import { embeddedPort, launchPostmaster } from "./embedded-launch.ts";
import { chooseOwner, makeHome } from "./embedded-owner.ts";
import { isServing, readPostmaster, stopPostmaster } from "./postmaster.ts";
import type { ServerConnection } from "./target.ts";

export interface EmbeddedServerOptions {
  readonly directory: string;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}

export interface EmbeddedServer {
  readonly connection: ServerConnection;
  close(): Promise<void>;
}

export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const owner = await chooseOwner();
  const home = await makeHome(options.directory, owner);
  const engine = await prepareEngine(owner, home);
  const dataDirectory = await ensureCluster(engine, home, owner);
  const directory = await socketDirectory(home, owner);
  const deadline = performance.now() + 20_000;
  for (;;) {
    const running = await readPostmaster(dataDirectory);
    if (running && (await isServing(running.pid, dataDirectory))) {
      if (running.ready) break;
    } else {
      await launchPostmaster({
        postgres: engine.postgres,
        home,
        dataDirectory,
        socketDirectory: directory,
        owner,
        signal: options.signal,
      });
    }
    if (performance.now() > deadline)
      throw new PreviewError("database_unavailable", `the embedded database did not start`, {
        hint: `Read ${home}/postgres.log.`,
      });
    await pause(20, undefined, { signal: options.signal });
  }
  let closing: Promise<void> | undefined;
  async function stop() {
    const server = await readPostmaster(dataDirectory);
    if (server) await stopPostmaster(server.pid, dataDirectory);
  }
  return {
    connection: { host: directory, port: embeddedPort, user: clusterUser, database: "postgres" },
    close: () => (closing ??= stop()),
  };
}
