import { giveUpAfter } from "../in-time.ts";
import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { TrafficReading } from "../gateway/gateway.ts";
import type { PreviewState } from "../preview/record.ts";

type Found = readonly { readonly state: PreviewState }[];

/** What is read of a plane when somebody asks, and costs nothing before. */
export interface Sources {
  readonly traffic: () => TrafficReading | Promise<TrafficReading>;
  /** Live previews of this plane; rejects, or never ends, while the database is away. */
  readonly previews: () => Promise<Found>;
  readonly databaseLoad: () => { readonly connections: number; readonly underWay: number };
}

/** An answer is due well before Prometheus gives up (10 s). */
const databaseWaitMs = 2_000;
const liveStates = ["starting", "ready", "unhealthy", "idle"] as const satisfies readonly PreviewState[];

/** Registers what is read from these sources at each scrape. */
export function registerGauges(registry: Registry, sources: Sources): void {
  registerTraffic(registry, sources);
  registerDatabase(registry, sources);
}

function registerTraffic(registry: Registry, sources: Sources): void {
  let asked: Promise<TrafficReading> | undefined;
  // all of one scrape
  const traffic = () => (asked ??= Promise.resolve(sources.traffic()).finally(() => (asked = undefined)));
  readCounter(registry, {
    name: "dev_preview_gateway_requests_total",
    help: "Requests to the gateway: answers of apps by status class, our own by X-Preview-Status, and aborted ones",
    label: "outcome",
    read: async () => {
      const { answered, refused, aborted } = await traffic();
      const classes = answered.map((count, digit): Reading => [digit === 0 ? "other" : `${digit}xx`, count]);
      return [...classes, ...refused, ["aborted", aborted]];
    },
  });
  readCounter(registry, {
    name: "dev_preview_gateway_limits_total",
    help: "Requests and connections refused by a limit, which settings name",
    label: "limit",
    read: async () => [...(await traffic()).limited],
  });
  readCounter(registry, {
    name: "dev_preview_gateway_bytes_total",
    help: "Bytes from clients (received) and to them (sent), heads included",
    label: "direction",
    read: async () => {
      const { received, sent } = await traffic();
      return [
        ["received", received],
        ["sent", sent],
      ];
    },
  });
  const sockets = gauge(registry, {
    name: "dev_preview_gateway_sockets",
    help: "Open sockets of clients and to dev servers",
    labelNames: ["side"],
    collect: async () => {
      const { clients, upstreams } = await traffic();
      sockets.set({ side: "client" }, clients);
      sockets.set({ side: "upstream" }, upstreams);
    },
  });
}

function registerDatabase(registry: Registry, { previews, databaseLoad }: Sources): void {
  let asked: Promise<Found | undefined> | undefined;
  // both gauges of one scrape
  const ask = () => (asked ??= answerOf(previews).finally(() => (asked = undefined)));
  const up = gauge(registry, {
    name: "dev_preview_database_up",
    help: "1 while the database answers",
    collect: async () => up.set((await ask()) === undefined ? 0 : 1),
  });
  const live = gauge(registry, {
    name: "dev_preview_previews",
    help: "Live previews of this plane; absent while the database is away",
    labelNames: ["state"],
    collect: async () => {
      const found = await ask();
      live.reset();
      if (found === undefined) return;
      for (const state of liveStates) live.set({ state }, found.filter((preview) => preview.state === state).length);
    },
  });
  const pool = gauge(registry, {
    name: "dev_preview_database_connections",
    help: "Connections for statements",
    collect: () => pool.set(databaseLoad().connections),
  });
  const underWay = gauge(registry, {
    name: "dev_preview_database_queries",
    help: "Statements that run, or wait for a connection",
    collect: () => underWay.set(databaseLoad().underWay),
  });
}

/** Undefined when none came in time. */
async function answerOf<T>(ask: () => Promise<T>): Promise<T | undefined> {
  // that the database is away is what the gauge says
  return await giveUpAfter(
    databaseWaitMs,
    ask().catch(() => undefined),
  );
}

type Reading = readonly [label: string, count: number];

interface ReadCounter {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly read: () => Promise<readonly Reading[]>;
}

/** A counter whose values are kept elsewhere. */
function readCounter(registry: Registry, { name, help, label, read }: ReadCounter): void {
  const counter = new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect: async () => {
      const readings = await read();
      counter.reset();
      for (const [value, count] of readings) counter.inc({ [label]: value }, count);
    },
  });
}

interface GaugeShape {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  readonly collect?: () => void | Promise<void>;
}

function gauge(registry: Registry, { labelNames = [], ...shape }: GaugeShape): Gauge {
  return new Gauge({ ...shape, labelNames, registers: [registry] });
}
