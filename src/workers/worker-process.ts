import cluster from "node:cluster";
import type { Worker } from "node:cluster";
import { PreviewError } from "../errors.ts";
import { createCalls } from "./calls.ts";
import type { Answering, Calls } from "./calls.ts";
import { inTime } from "../in-time.ts";
import type { AskedOfPlane, AskedOfWorker, FromWorker, Report, ToWorker, WorkerSetup } from "./messages.ts";

/** One process that serves previews, as the plane sees it. */
export interface WorkerProcess extends Pick<Calls<AskedOfWorker>, "ask"> {
  readonly pid: number;
  send(message: ToWorker): void;
  serves(): boolean;
  /** The port that it listens on. Rejects with what kept it from that. */
  readonly started: Promise<number>;
  readonly ended: Promise<WorkerEnd>;
  /** Lets it write down what it has, and ends it; resolves when it is gone. Idempotent. */
  close(): Promise<void>;
}

export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface WorkerProcessOptions {
  /** JavaScript of the worker. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly setup: WorkerSetup;
  readonly answering: Answering<AskedOfPlane>;
  readonly onReport: (report: Report) => void;
  /** It has taken up an event of the feed. */
  readonly onFed: (number: number) => void;
}

const startMs = 30_000;
const closeMs = 5_000;
const endMs = 2_000;

export function startWorkerProcess(options: WorkerProcessOptions): WorkerProcess {
  const worker = fork(options);
  const child = worker.process;
  let state: "starting" | "serving" | "ended" = "starting";
  let closing: Promise<void> | undefined;
  // node:cluster drops what comes before the worker's own code listens
  let early: ToWorker[] | undefined = [];
  const send = (message: ToWorker) => {
    if (early !== undefined) early.push(message);
    // that it ended meanwhile, `exit` tells
    else if (child.connected) child.send(message, () => {});
  };
  const calls = createCalls<AskedOfWorker, AskedOfPlane>(send, options.answering);
  const ended = new Promise<WorkerEnd>((resolve) => {
    worker.on("exit", (code: number | null, signal: string | null) => {
      state = "ended";
      calls.close();
      resolve({ code, signal });
    });
  });
  // a channel that breaks ends the worker: it does so by itself
  worker.on("error", () => child.kill("SIGKILL"));

  const started = new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(notStarted("did not start in time"));
      child.kill("SIGKILL");
    }, startMs);
    void ended.then(() => {
      clearTimeout(timer);
      reject(notStarted("ended while it started"));
    });
    child.on("message", (message: FromWorker) => {
      switch (message.type) {
        case "ready": {
          const waiting = early ?? [];
          early = undefined;
          return waiting.forEach(send);
        }
        case "listening":
          clearTimeout(timer);
          state = "serving";
          return resolve(message.port);
        case "failed":
          reject(new PreviewError(message.code, message.message, { hint: message.hint }));
          return void child.kill("SIGKILL");
        case "fed":
          return options.onFed(message.number);
        case "report":
          return options.onReport(message);
        case "ask":
        case "answer":
        case "failure":
          return calls.take(message);
      }
    });
  });
  // whoever wants to know waits for it
  started.catch(() => {});

  async function end(): Promise<void> {
    // who does not answer is ended all the same
    if (state === "serving") await inTime(calls.ask("close", undefined), closeMs).catch(() => undefined);
    // one that only starts would complain about a channel that is gone
    if (early !== undefined) child.kill("SIGKILL");
    else if (child.connected) child.disconnect();
    await inTime(ended, endMs).catch(() => child.kill("SIGKILL"));
    await ended;
  }

  send({ type: "setup", setup: options.setup });
  return {
    pid: child.pid ?? 0,
    ask: (name, input) => calls.ask(name, input),
    send,
    serves: () => state === "serving",
    started,
    ended,
    close: () => (closing ??= end()),
  };
}

/**
 * The kernel hands out connections: whoever of the workers is free takes the next from one queue, which
 * outlives each of them. (Policy and settings of node:cluster are the process's own: nothing else of a plane uses it.)
 */
function fork({ program, env }: Pick<WorkerProcessOptions, "program" | "env">): Worker {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({
    exec: program,
    args: [],
    serialization: "advanced",
    // stdout is the plane's to answer on; lines of log go where the plane's go
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return cluster.fork(env);
}

function notStarted(what: string): PreviewError {
  return new PreviewError("listen_failed", `a gateway worker ${what}`, {
    hint: "The log of the plane has the cause; gatewayWorkers 1 serves without further processes.",
  });
}
