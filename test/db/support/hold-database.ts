import { claimPlane } from "../../../src/db/claim-plane.ts";
import { startEmbeddedServer } from "../../../src/db/embedded-server.ts";
import { createLogger } from "../../../src/logger.ts";

// A plane's hold on its embedded database, in a process that is to be killed.
const server = await startEmbeddedServer({ directory: process.argv[2]!, logger: createLogger("silent") });
const claim = await claimPlane(server.connection);
process.stdout.write(`${JSON.stringify({ pid: server.pid(), claimed: claim !== undefined })}\n`);
setInterval(() => {}, 60_000);
