import { dialable } from "../hosts.ts";
import type { HandedOver } from "../config.ts";
import { chooseListenPort } from "../listen-port.ts";
import type { ListenPortRequest } from "../listen-port.ts";
import type { Logger } from "../logger.ts";
import type { Instruments } from "../metrics/instruments.ts";
import type { GatewayAddress, PreviewDeps } from "../preview/deps.ts";
import type { EventLog } from "../preview/events/event-log.ts";
import type { RouteArrivals } from "../preview/route-arrivals.ts";
import type { Database } from "../preview/store.ts";
import type { Visits } from "../preview/sleep/visits.ts";
import type { Sandbox } from "../sandbox/driver.ts";
import type { Config } from "../settings.ts";
import type { StateDir } from "../state-dir.ts";
import { sharedPort } from "./shared-port.ts";
import { hasOwnTls, publicSchemeOf } from "./plane-tls.ts";

/** What the rest of a plane is built from. */
export interface Parts {
  readonly db: Database;
  readonly sandbox: Sandbox;
  readonly keys: PreviewDeps["keys"];
  readonly logger: Logger;
  readonly arrivals: RouteArrivals;
  readonly visits: Visits;
  readonly events: EventLog;
  readonly planeId: string;
  readonly state: StateDir;
  readonly ports: ListenPorts;
  readonly handedOver: HandedOver;
  /** Absent: nothing is measured. */
  readonly instruments?: Instruments;
}

export interface ListenPorts {
  readonly control: number;
  readonly gateway: number;
  /** Absent: there is no metrics listener. */
  readonly metrics?: number;
}

export async function choosePorts(config: Config, state: StateDir, handedOver: HandedOver): Promise<ListenPorts> {
  const { portsFile } = state;
  const { controlHost, controlPort, gatewayHost, gatewayPort } = config;
  const control = { listener: "control", host: controlHost, configured: controlPort, fallback: 4780, portsFile };
  const gateway = { listener: "gateway", host: gatewayHost, configured: gatewayPort, fallback: 4781, portsFile };
  return {
    ...(await metricsPortOf(config, state)),
    control: await portOf(control, handedOver.control),
    gateway: config.gatewayReusePort
      ? sharedPort(config, process.versions.node)
      : await portOf(gateway, handedOver.gateway),
  };
}

/** Sockets that were handed over have their port, whatever was used last. */
async function portOf(request: ListenPortRequest, sockets: readonly number[]): Promise<number> {
  return sockets.length > 0 ? (request.configured ?? request.fallback) : await chooseListenPort(request);
}

async function metricsPortOf(
  { metricsHost: host, metricsPort: configured }: Config,
  { portsFile }: StateDir,
): Promise<Pick<ListenPorts, "metrics">> {
  if (configured === undefined) return {};
  return { metrics: await chooseListenPort({ listener: "metrics", host, configured, fallback: 4782, portsFile }) };
}

/** Where the gateway is, for viewers and for whoever asks it from this host. */
export function gatewayAddress(config: Config, gatewayPort: number): GatewayAddress {
  return {
    domain: config.domain,
    publicScheme: publicSchemeOf(config),
    listenTls: hasOwnTls(config),
    publicPort: config.publicPort ?? gatewayPort,
    listenHost: dialable(config.gatewayHost),
    listenPort: gatewayPort,
  };
}

/** Ports that no preview may show and no page may reach: our own, and the database's where `portOf` tells one. */
export function ownPorts(
  { databaseUrl }: Config,
  { control, gateway, metrics }: ListenPorts,
  portOf: (url: string) => number | undefined,
): number[] {
  const database = databaseUrl === undefined ? undefined : portOf(databaseUrl);
  return [control, gateway, metrics, database].filter((port) => port !== undefined);
}
