import { systemClock } from "../clock.ts";
import { PreviewError } from "../errors.ts";
import { createGateway } from "../gateway/gateway.ts";
import type { Gateway, GatewayLimits } from "../gateway/gateway.ts";
import type { RefusedByLimit } from "../gateway/traffic/traffic-counts.ts";
import type { Logger } from "../logger.ts";
import type { LoginStore } from "../login/contract.ts";
import { ownOrg } from "../preview/launch/confinement.ts";
import type { NewEvent } from "../preview/events/events.ts";
import type { Dial } from "../preview/route.ts";
import type { Sandbox } from "../sandbox/driver.ts";
import type { Config } from "../settings.ts";
import { usesEveryMs } from "./idle-times.ts";
import { loginOf } from "./plane-login.ts";
import { hasOwnTls, openCertificates, publicSchemeOf } from "./plane-tls.ts";
import type { Parts } from "./parts.ts";

export async function createPlaneGateway(config: Config, parts: Parts, store: LoginStore): Promise<Gateway> {
  const { db, sandbox, keys, logger, arrivals, events, visits, ports, instruments } = parts;
  warnOfOneAddress(config, logger);
  const certificates = await openCertificates(config, parts);
  return createGateway({
    dial: dialThrough(sandbox),
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
    limits: trafficLimits(config),
    trustedProxies: config.trustedProxies,
    accessLevel: config.accessLog ? "info" : "debug",
    ...(instruments && { onDial: instruments.dial, onHandled: instruments.handled }),
    ...loginOf(config, { store, logger, events }),
    onRequests: (requests) => db.previews.touch(requests),
    requestsEveryMs: usesEveryMs(config),
    onAsleep: (visit) => visits.tell(visit),
    onAccesses: (accesses) => db.accesses.record(accesses),
    onLimit: (refused) => events.record(limitEvent(refused)),
  });
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

/** Routes of another sandbox than ours cannot be dialled from here. */
function dialThrough(sandbox: Sandbox): Dial {
  return async (route, options) => {
    if (route.process === undefined || route.listener === undefined || route.sandboxId !== sandbox.id) {
      throw new PreviewError("sandbox_unsupported", `sandbox ${route.sandboxId} is not reached by this plane`, {
        hint: "Open the link at the plane that started the preview.",
      });
    }
    const { launchId, port, process: launched, listener } = route;
    return await sandbox.upstream({ launchId, port, process: launched, listener }).connect(options);
  };
}
