import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Dial, RouteFeed } from "../preview/route.ts";
import type { SigningKeys } from "../preview/token.ts";
import { createClientSockets } from "./client-sockets.ts";
import { createListener } from "./listener.ts";
import { createOpenTraffic } from "./open-traffic.ts";
import { createHostVerifier } from "./preview-host.ts";
import { createRequestHandler } from "./request-handler.ts";
import { createRequestTally } from "./request-tally.ts";
import type { OnRequests } from "./request-tally.ts";
import { createRouteTable } from "./route-table.ts";
import { createTrafficLimits } from "./traffic-limits.ts";
import type { TrafficLimitSettings } from "./traffic-limits.ts";
import { createUpstreamPool } from "./upstream-pool.ts";

export interface GatewayOptions {
  /** The only way to a dev server: it proves that the listener belongs to the route's launch. */
  readonly dial: Dial;
  /** Started by `listen`, closed by `close`. */
  readonly feed: RouteFeed;
  readonly keys: SigningKeys;
  /** Previews are `<label>.<domain>`. */
  readonly domain: string;
  readonly publicScheme: "http" | "https";
  /** Port in the URLs of previews; default: the one listened on. */
  readonly publicPort?: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly onRequests?: OnRequests;
  readonly limits?: TrafficLimitSettings;
}

/** The reverse proxy that serves previews: see docs/architecture.md. */
export interface Gateway {
  /**
   * Binds the port, then loads the routes; until they are there every genuine link is answered 503.
   * Rejects with `listen_failed`, or with what the feed's start rejects with, and is closed then.
   */
  listen(): Promise<{ port: number }>;
  /** True while it listens and knows the routes. */
  ready(): boolean;
  /** Sockets of clients and to dev servers. */
  openSockets(): number;
  /** Cuts everything; idempotent. */
  close(): Promise<void>;
}

/** How late the expiry of a link may cut what is open. */
const expirySweepMs = 250;

export function createGateway(options: GatewayOptions): Gateway {
  const { clock, feed, logger } = options;
  const traffic = createOpenTraffic();
  const clients = createClientSockets();
  const pool = createUpstreamPool(options);
  const tally = createRequestTally(options);
  const routes = createRouteTable({
    onLinkGone: (linkId, answer) => traffic.cut(linkId, answer),
    onLaunchGone: (launchId) => pool.dropLaunch(launchId),
  });
  const address = { domain: options.domain, scheme: options.publicScheme, port: options.publicPort ?? options.port };
  const verifyHost = createHostVerifier(options.keys, address);
  const limit = createTrafficLimits(options.limits ?? {}, { clock, traffic });
  const handler = createRequestHandler({ clock, logger, tally, limit, pool, traffic, clients, routes, verifyHost });
  const listener = createListener({ host: options.host, port: options.port, logger, clients, handler });
  const isLive = (linkId: string) => (routes.get(linkId)?.expiresAt ?? 0) > clock.now();
  const sweep = setInterval(() => traffic.cutUnless(isLive), expirySweepMs);
  sweep.unref();
  let listening = false;
  let closing: Promise<void> | undefined;

  const closeAll = async () => {
    listening = false;
    clearInterval(sweep);
    await listener.close();
    pool.close();
    await Promise.all([feed.close(), tally.close()]);
  };
  const close = () => (closing ??= closeAll());

  return {
    async listen() {
      try {
        const { port } = await listener.listen();
        if (options.publicPort === undefined) address.port = port;
        listening = true;
        await feed.start({
          onSnapshot: (all) => routes.replaceAll(all),
          onChange: (change) => routes.apply(change),
        });
        return { port };
      } catch (error) {
        await close();
        throw error;
      }
    },
    ready: () => listening && routes.loaded(),
    openSockets: () => clients.size() + pool.size(),
    close,
  };
}
