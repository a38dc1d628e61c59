import type { PlaneDatabase } from "../db/open-database.ts";
import { registerGauges } from "../metrics/gauges.ts";
import { createInstruments } from "../metrics/instruments.ts";
import type { Instruments } from "../metrics/instruments.ts";
import { listenForMetrics } from "../metrics/metrics-listener.ts";
import type { MetricsListener } from "../metrics/metrics-listener.ts";
import type { Config } from "../settings.ts";
import type { Parts } from "./parts.ts";
import type { PlaneGateway } from "./plane-gateway.ts";

/** Absent while nobody asks for metrics: then nothing is measured. */
export function instrumentsOf({ metricsPort }: Config): Instruments | undefined {
  return metricsPort === undefined ? undefined : createInstruments();
}

interface MetricsParts extends Pick<Parts, "logger" | "planeId" | "sandbox"> {
  readonly instruments: Instruments;
  readonly db: Pick<PlaneDatabase, "previews" | "load">;
  readonly gateway: Pick<PlaneGateway, "readTraffic">;
  readonly port: number;
}

export async function openPlaneMetrics(config: Config, parts: MetricsParts): Promise<MetricsListener> {
  const { instruments, db, gateway, logger, planeId, sandbox, port } = parts;
  const { registry } = instruments;
  registerGauges(registry, {
    traffic: () => gateway.readTraffic(),
    previews: async () => (await db.previews.listLive(sandbox.id)).filter((preview) => preview.planeId === planeId),
    databaseLoad: () => db.load(),
  });
  const listener = await listenForMetrics({
    registry,
    host: config.metricsHost,
    port,
    names: config.metricsNames,
    logger,
  });
  logger.info({ event: "metrics.ready", port: listener.port }, "metrics listener ready");
  return listener;
}
