// A process of the plane that serves previews: see gateway-workers.ts. What it is told comes over the channel.
import { PreviewError } from "../errors.ts";
import { createLogger } from "../logger.ts";
import { createCalls } from "./calls.ts";
import type { AskedOfPlane, AskedOfWorker, FromWorker, ToWorker, WorkerSetup } from "./messages.ts";
import { buildWorkerGateway } from "./worker-gateway.ts";
import type { WorkerGateway } from "./worker-gateway.ts";

function run(): void {
  let built: WorkerGateway | undefined;
  // where there is no plane any more, this process is about to end
  const send = (message: FromWorker) => void process.send?.(message, undefined, undefined, () => {});
  const present = (): WorkerGateway => {
    if (built === undefined) throw new Error("the worker has not been set up");
    return built;
  };
  const plane = createCalls<AskedOfPlane, AskedOfWorker>(send, {
    flush: () => present().gateway.uses.flush(),
    traffic: () => present().gateway.readTraffic(),
    drain: (options) => present().gateway.drain(options),
    close: () => present().close(),
  });

  async function start(setup: WorkerSetup): Promise<void> {
    try {
      built = buildWorkerGateway(setup, { plane, send, logger: workerLogger(setup) });
      if (setup.routesFollow) await built.gateway.load();
      const { port } = await built.gateway.listen();
      send({ type: "listening", port });
    } catch (error) {
      if (!(error instanceof PreviewError)) throw error;
      send({ type: "failed", code: error.code, message: error.message, hint: error.hint });
    }
  }

  process.on("message", (message: ToWorker) => {
    if (message.type === "setup") void start(message.setup);
    else if (message.type === "ask" || message.type === "answer" || message.type === "failure") plane.take(message);
    else built?.take(message);
  });
  send({ type: "ready" });
}

function workerLogger({ logLevel }: WorkerSetup) {
  return createLogger(logLevel).child({ worker: process.pid });
}

// Ctrl-C and service managers signal the whole group: it is the plane that says when a worker ends
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
// without its plane nobody would tell it what is revoked
process.once("disconnect", () => process.exit(0));
run();
