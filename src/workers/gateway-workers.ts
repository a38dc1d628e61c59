import { canWait } from "../accept-on.ts";
import { fileURLToPath } from "node:url";
import type { DrainOptions } from "../gateway/drain.ts";
import type { GatewayLogin } from "../gateway/gate/open-login.ts";
import type { Gateway, GatewayOptions, TrafficReading } from "../gateway/gateway.ts";
import { createRequestTally } from "../gateway/traffic/request-tally.ts";
import type { LogLevel } from "../logger.ts";
import { createCountBoard } from "./count-board.ts";
import { inTime } from "../in-time.ts";
import type { Report } from "./messages.ts";
import { createPlaneAnswers } from "./plane-answers.ts";
import { createRespawnPace } from "./respawn-pace.ts";
import { createRouteMirror } from "./route-mirror.ts";
import { afterEnd, sumOf } from "./traffic-sum.ts";
import { startWorkerProcess } from "./worker-process.ts";
import type { WorkerEnd, WorkerProcess } from "./worker-process.ts";
import { pairOf, workerSetup } from "./worker-setup.ts";

export interface GatewayWorkersOptions
  extends
    Omit<GatewayOptions, "dial" | "counts" | "login" | "onRequests" | "onAccesses" | "onAsleep">,
    Required<Pick<GatewayOptions, "onRequests" | "onAccesses" | "onAsleep">> {
  readonly workers: number;
  readonly login?: GatewayLogin;
  /** The sandbox of this host. */
  readonly sandboxId: string;
  readonly logLevel: LogLevel;
  /** Changes of the environment for workers; undefined takes a variable away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** JavaScript of a worker; default: the one that lies beside this. */
  readonly program?: string;
}

/** A gateway of several processes, which serve as one. */
export interface GatewayWorkers extends Pick<Gateway, "listen" | "ready" | "uses" | "drain" | "close"> {
  readTraffic(): Promise<TrafficReading>;
  /** Of the workers that serve. */
  pids(): readonly number[];
}

const flushMs = 5_000;
const readMs = 1_000;

/**
 * This process alone has the database, the login and the feed; workers serve what they are told of, and tell what they
 * see. A worker that ends is replaced, and the others serve meanwhile; without this process they end.
 */
export function createGatewayWorkers(options: GatewayWorkersOptions): GatewayWorkers {
  const { clock, logger, feed, certificates } = options;
  const program = options.program ?? fileURLToPath(new URL("worker.js", import.meta.url));
  const workers = new Set<WorkerProcess>();
  const readings = new Map<WorkerProcess, TrafficReading>();
  const mirror = createRouteMirror(clock);
  const board = createCountBoard();
  const tally = createRequestTally(options);
  const pace = createRespawnPace(clock);
  const answering = createPlaneAnswers({ ...options, publicPort: () => options.publicPort ?? port }, mirror);
  const waits = canWait(options);
  let { port } = options;
  let past = sumOf([]);
  let state: "opening" | "open" | "ending" = "opening";
  let draining: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  certificates?.onChange(() => {
    const pair = pairOf(certificates);
    for (const worker of workers) worker.send({ type: "certificate", pair });
  });

  function spawn(): WorkerProcess {
    const setup = workerSetup(options, mirror.routes.loaded());
    const worker: WorkerProcess = startWorkerProcess({
      program,
      env: options.env,
      setup,
      answering,
      onReport: (report) => takeReport(worker, report),
      onFed: (number) => mirror.taken(worker, number),
    });
    workers.add(worker);
    mirror.join(worker);
    board.join(worker, (changes) => worker.send({ type: "counts", changes }));
    void worker.ended.then((end) => onEnd(worker, end));
    return worker;
  }

  function takeReport(worker: WorkerProcess, { counts, limits, handled, dials }: Report): void {
    if (counts !== undefined) board.take(worker, counts);
    for (const { refused, times } of limits) for (let time = 0; time < times; time += 1) options.onLimit?.(refused);
    for (const durationMs of handled) options.onHandled?.(durationMs);
    for (const durationMs of dials) options.onDial?.(durationMs);
  }

  function onEnd(worker: WorkerProcess, { code, signal }: WorkerEnd): void {
    workers.delete(worker);
    mirror.leave(worker);
    board.leave(worker);
    const last = readings.get(worker);
    readings.delete(worker);
    if (last !== undefined) past = sumOf([past, afterEnd(last)]);
    if (state !== "open") return;
    const pauseMs = pace.next();
    const { pid } = worker;
    logger.error({ event: "gateway.worker_ended", worker: pid, code, signal, pauseMs }, "gateway worker is replaced");
    setTimeout(replace, pauseMs).unref();
  }

  function replace(): void {
    if (state !== "open") return;
    const worker = spawn();
    const { pid } = worker;
    worker.started.then(
      () => logger.info({ event: "gateway.worker_started", worker: pid }, "gateway worker serves"),
      (err: unknown) => logger.error({ event: "gateway.worker_failed", worker: pid, err }, "gateway worker failed"),
    );
  }

  async function startAll(): Promise<void> {
    const all = Array.from({ length: options.workers }, () => spawn());
    // where the system chooses, it chooses one for all
    const [chosen] = await Promise.all(all.map(({ started }) => started));
    port = chosen ?? port;
  }

  async function closeAll(): Promise<void> {
    state = "ending";
    await Promise.all(Array.from(workers, (worker) => worker.close()));
    board.close();
    await Promise.all([feed.close(), tally.close(), certificates?.close()]);
  }
  const close = () => (closing ??= closeAll());
  const serving = () => [...workers].filter((worker) => worker.serves());

  async function drainAll(drainOptions: DrainOptions): Promise<void> {
    state = "ending";
    // one that ends meanwhile has nothing under way any more
    await Promise.allSettled(serving().map((worker) => worker.ask("drain", drainOptions)));
  }

  async function read(worker: WorkerProcess): Promise<void> {
    const reading = await inTime(worker.ask("traffic", undefined), readMs);
    if (workers.has(worker)) readings.set(worker, reading);
  }

  return {
    async listen() {
      try {
        // each is given the routes before it lets anybody in
        if (waits) await feed.start(mirror.listener);
        await startAll();
        state = "open";
        if (!waits) await feed.start(mirror.listener);
        await mirror.settled();
        return { port };
      } catch (error) {
        await close();
        throw error;
      }
    },
    ready: () => state === "open" && mirror.routes.loaded() && serving().length > 0,
    uses: {
      note: (previewId) => tally.record(previewId, clock.now()),
      async flush() {
        // whose uses are not known is not judged: a rejection of one is that of all
        await Promise.all(serving().map((worker) => inTime(worker.ask("flush", undefined), flushMs)));
        await tally.flush();
      },
    },
    async readTraffic() {
      // of one that does not answer, what it said last
      await Promise.allSettled(serving().map((worker) => read(worker)));
      return sumOf([past, ...readings.values()]);
    },
    drain: (drainOptions) => (draining ??= closing ?? drainAll(drainOptions)),
    pids: () => serving().map(({ pid }) => pid),
    close,
  };
}
