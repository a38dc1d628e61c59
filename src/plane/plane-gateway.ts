import { availableParallelism } from "node:os";
import { systemClock } from "../clock.ts";
import { createGateway } from "../gateway/gateway.ts";
import type { Gateway, GatewayLimits, GatewayOptions, TrafficReading } from "../gateway/gateway.ts";
import type { RefusedByLimit } from "../gateway/traffic/traffic-counts.ts";
import type { Logger } from "../logger.ts";
import type { LoginStore } from "../login/contract.ts";
import { ownOrg } from "../preview/launch/confinement.ts";
import type { NewEvent } from "../preview/events/events.ts";
import { inheritedEnv } from "../sandbox/host-env.ts";
import type { Config } from "../settings.ts";
import { dialThrough } from "../workers/dial-through.ts";
import { createGatewayWorkers } from "../workers/gateway-workers.ts";
import { usesEveryMs } from "./idle-times.ts";
import { loginOf } from "./plane-login.ts";
import { hasOwnTls, openCertificates, publicSchemeOf } from "./plane-tls.ts";
import type { Parts } from "./parts.ts";

/** The gateway as the rest of the plane knows it, of however many processes. */
export interface PlaneGateway extends Pick<Gateway, "listen" | "ready" | "uses" | "drain" | "close"> {
  readTraffic(): TrafficReading | Promise<TrafficReading>;
}

interface GatewayParts extends Parts {
  readonly store: LoginStore;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
}

export async function createPlaneGateway(config: Config, parts: GatewayParts): Promise<PlaneGateway> {
  const { db, sandbox, keys, logger, arrivals, events, visits, ports, instruments, store } = parts;
  warnOfOneAddress(config, logger);
  const certificates = await openCertificates(config, parts);
  const options = {
    feed: arrivals.feed,
    keys,
    domain: config.domain,
    publicScheme: publicSchemeOf(config),
    ...(certificates && { certificates }),
    publicPort: config.publicPort ?? ports.gateway,
    clock: systemClock,
    logger,
    host: config.gatewayHost,
    port: ports.gateway,
    handedOver: parts.handedOver.gateway,
    reusePort: config.gatewayReusePort,
    limits: trafficLimits(config),
    trustedProxies: config.trustedProxies,
    accessLevel: config.accessLog ? ("info" as const) : ("debug" as const),
    ...(instruments && { onDial: instruments.dial, onHandled: instruments.handled }),
    ...loginOf(config, { store, logger, events }),
    onRequests: (requests) => db.previews.touch(requests),
    requestsEveryMs: usesEveryMs(config),
    onAsleep: (visit) => visits.tell(visit),
    onAccesses: (accesses) => db.accesses.record(accesses),
    onLimit: (refused) => events.record(limitEvent(refused)),
  } satisfies Omit<GatewayOptions, "dial">;
  const workers = config.gatewayWorkers ?? defaultWorkers(availableParallelism());
  if (workers === 1) return createGateway({ ...options, dial: dialThrough(sandbox) });
  const env = withoutOwn(parts.hostEnv);
  return createGatewayWorkers({ ...options, workers, env, sandboxId: sandbox.id, logLevel: config.logLevel });
}

/** Two processors are the dev servers' as much as ours. */
function defaultWorkers(processors: number): number {
  return processors <= 2 ? 1 : Math.min(processors, 8);
}

/** Takes from a worker's environment what it need not know: the database and the keys above all. */
function withoutOwn(hostEnv: GatewayParts["hostEnv"]): Record<string, undefined> {
  const inherited = inheritedEnv(hostEnv);
  return Object.fromEntries(
    Object.keys(hostEnv).flatMap((name) => (name in inherited ? [] : [[name, undefined] as const])),
  );
}

/** Behind an edge that is not named as such all visitors have its address, and share what one of them may have. */
function warnOfOneAddress(config: Config, logger: Logger): void {
  if (publicSchemeOf(config) === "http" || hasOwnTls(config) || config.trustedProxies.length > 0) return;
  logger.warn({ event: "gateway.visitors_unknown" }, "visitors cannot be told apart: name the edge in trustedProxies");
}

/** Whose preview it is may be unknown: then it is the operator's to know. */
function limitEvent({ setting: limit, most, previewId }: RefusedByLimit): NewEvent {
  if (previewId === undefined) return { type: "limit.reached", owner: { org: ownOrg }, data: { limit, most } };
  return { type: "limit.reached", owner: { ofPreview: previewId }, data: { limit, most, previewId } };
}

/** 0 is no limit. */
function trafficLimits(config: Config): GatewayLimits {
  const counted = {
    connectionsPerPreview: config.limitPreviewConnections,
    connectionsPerAddress: config.limitAddressConnections,
    invalidPerMinute: config.limitInvalidLinks,
  };
  const set = Object.entries(counted).filter(([, most]) => most > 0);
  return { headBytes: config.limitHeadBytes, headSeconds: config.limitHeadSeconds, ...Object.fromEntries(set) };
}
