import { deserialize } from "node:v8";
import { systemClock } from "../clock.ts";
import { createGateway } from "../gateway/gateway.ts";
import type { Gateway, GatewayOptions } from "../gateway/gateway.ts";
import type { Logger } from "../logger.ts";
import { doorPages } from "../login/door-pages.ts";
import { createLocalDialer } from "../sandbox/local-dialer.ts";
import type { Calls } from "./calls.ts";
import { dialThrough } from "./dial-through.ts";
import type { AskedOfPlane, FeedEvent, FromWorker, Told, WorkerSetup } from "./messages.ts";
import { createReports } from "./reports.ts";
import { createSharedCounts } from "./shared-counts.ts";
import { createWorkerCertificates } from "./worker-certificates.ts";
import type { WorkerCertificates } from "./worker-certificates.ts";
import { createWorkerFeed } from "./worker-feed.ts";

/** The gateway of one worker, and what the plane tells it. */
export interface WorkerGateway {
  readonly gateway: Gateway;
  take(message: Told): void;
  close(): Promise<void>;
}

interface Surroundings {
  readonly plane: Pick<Calls<AskedOfPlane>, "ask">;
  readonly send: (message: FromWorker) => void;
  readonly logger: Logger;
}

export function buildWorkerGateway(setup: WorkerSetup, { plane, send, logger }: Surroundings): WorkerGateway {
  const { tls, authHost, measured, routesFollow, sandboxId, planePid, logLevel: _, ...given } = setup;
  const dialer = createLocalDialer(planePid);
  const feed = createWorkerFeed({ awaited: routesFollow });
  const shared = createSharedCounts(() => reports.touch());
  const reports = createReports({
    changes: () => shared.changes(),
    send: (report) => send({ type: "report", ...report }),
  });
  const certificates = tls && certificatesOf(tls, plane);
  const gateway = createGateway({
    ...given,
    ...(authHost !== undefined && loginAt(authHost, { plane, logger })),
    ...(certificates && { certificates }),
    ...(measured && { onHandled: (ms: number) => reports.handled(ms), onDial: (ms: number) => reports.dial(ms) }),
    dial: dialThrough({ id: sandboxId, upstream: dialer.upstream }),
    feed,
    counts: shared.counts,
    clock: systemClock,
    logger,
    onRequests: (requests) => plane.ask("requests", requests),
    onAccesses: (accesses) => plane.ask("accesses", accesses),
    onAsleep: (visit) => plane.ask("asleep", visit),
    onLimit: (refused) => reports.limit(refused),
  });
  return {
    gateway,
    take(message) {
      switch (message.type) {
        case "feed":
          return feed.take(readEvent(message.event), () => send({ type: "fed", number: message.number }));
        case "certificate":
          return certificates?.replace(message.pair);
        case "counts":
          return shared.takeOthers(message.changes);
        case "forget":
          return dialer.forget(message.launchId);
      }
    },
    async close() {
      reports.close();
      await gateway.close();
    },
  };
}

/** Written by `route-mirror.ts`, of the same program. */
function readEvent(event: Uint8Array): FeedEvent {
  return deserialize(event) as FeedEvent;
}

function certificatesOf(
  { pair, perHost }: NonNullable<WorkerSetup["tls"]>,
  plane: Surroundings["plane"],
): WorkerCertificates {
  const ask = (serverName: string) => plane.ask("certificate", serverName);
  return createWorkerCertificates(perHost ? { pair, ask } : { pair });
}

/** The plane answers for the login: it alone has the provider's secret, and knows which returns were used. */
function loginAt(
  authHost: string,
  { plane, logger }: Pick<Surroundings, "plane" | "logger">,
): Pick<GatewayOptions, "login"> {
  return {
    login: {
      authHost,
      door: (request) =>
        plane.ask("door", request).catch((err: unknown) => {
          logger.warn({ event: "login.failed", err }, "a login could not go on");
          return doorPages.unavailable;
        }),
    },
  };
}
