import type { CertificatePair, Certificates } from "../gateway/tls/certificates.ts";
import type { GatewayWorkersOptions } from "./gateway-workers.ts";
import type { WorkerSetup } from "./messages.ts";

/** What a worker that starts now is told first. */
export function workerSetup(options: GatewayWorkersOptions, routesFollow: boolean): WorkerSetup {
  const { keys, domain, publicScheme, host, sandboxId, logLevel, accessLevel = "debug" } = options;
  const { publicPort, handedOver, reusePort, requestsEveryMs, limits, trustedProxies, login, certificates } = options;
  return {
    keys,
    domain,
    publicScheme,
    host,
    sandboxId,
    logLevel,
    accessLevel,
    routesFollow,
    port: options.port,
    planePid: process.pid,
    measured: options.onHandled !== undefined || options.onDial !== undefined,
    ...(publicPort !== undefined && { publicPort }),
    ...(handedOver && { handedOver }),
    ...(reusePort && { reusePort }),
    ...(requestsEveryMs !== undefined && { requestsEveryMs }),
    ...(limits && { limits }),
    ...(trustedProxies && { trustedProxies }),
    ...(login && { authHost: login.authHost }),
    ...(certificates && { tls: { pair: pairOf(certificates), perHost: certificates.pairFor !== undefined } }),
  };
}

/** Without what else is known of it here. */
export function pairOf(certificates: Certificates): CertificatePair {
  const { cert, key } = certificates.current();
  return { cert, key };
}
