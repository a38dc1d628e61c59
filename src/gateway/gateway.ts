import { canWait } from "../accept-on.ts";
import type { Clock } from "../clock.ts";
import type { Network } from "../hosts.ts";
import type { Logger } from "../logger.ts";
import { hostWithoutPort } from "../preview/links/host-name.ts";
import type { Dial, RouteFeed } from "../preview/route.ts";
import type { Uses } from "../preview/sleep/uses.ts";
import type { SigningKeys } from "../preview/links/token.ts";
import { createSessionTable } from "../login/sessions.ts";
import type { AccessLogSettings } from "./traffic/access-log.ts";
import { createAccessTally } from "./traffic/access-tally.ts";
import type { OnAccesses } from "./traffic/access-tally.ts";
import { answers } from "./answers/answer.ts";
import { createClientAddresses } from "./client-address.ts";
import { createClientSockets } from "./http1/client-sockets.ts";
import type { ClientSocketsOptions } from "./http1/client-sockets.ts";
import type { DrainOptions } from "./drain.ts";
import { openLogin } from "./gate/open-login.ts";
import type { GatewayLogin, LoginElsewhere } from "./gate/open-login.ts";
import { createListener } from "./listener.ts";
import type { ListenerOptions } from "./listener.ts";
import { createLimitCounts } from "./traffic/open-counts.ts";
import type { LimitCounts } from "./traffic/open-counts.ts";
import { createOpenTraffic } from "./traffic/open-traffic.ts";
import { createHostVerifier } from "./decide/preview-host.ts";
import { createRequestHandler } from "./request-handler.ts";
import { createRequestTally } from "./traffic/request-tally.ts";
import type { OnRequests } from "./traffic/request-tally.ts";
import { createRouteTable } from "./decide/route-table.ts";
import { createTrafficCounts } from "./traffic/traffic-counts.ts";
import type { RefusedByLimit, RequestCounts } from "./traffic/traffic-counts.ts";
import { createTrafficLimits } from "./traffic/traffic-limits.ts";
import type { TrafficLimitSettings } from "./traffic/traffic-limits.ts";
import type { Certificates } from "./tls/certificates.ts";
import { createUpstreamPool } from "./upstream/upstream-pool.ts";
import { createWriteBatch } from "./write-batch.ts";
import { createWakeCalls } from "./traffic/wake-calls.ts";
import type { OnAsleep } from "./traffic/wake-calls.ts";

export interface GatewayOptions {
  /** The only way to a dev server: it proves that the listener belongs to the route's launch. */
  readonly dial: Dial;
  /** Started by `listen`, closed by `close`. */
  readonly feed: RouteFeed;
  readonly keys: SigningKeys;
  readonly accessLevel?: NonNullable<AccessLogSettings["accessLevel"]>;
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
  /** See `ListenAt`. */
  readonly handedOver?: readonly number[];
  readonly reusePort?: boolean;
  readonly onRequests?: OnRequests;
  /** Without it nobody is told who comes. */
  readonly onAccesses?: OnAccesses;
  /** Called for each refusal by a limit; it may be called often. */
  readonly onLimit?: (limit: RefusedByLimit) => void;
  /** Called for one request in 32 with the time until it was on its way, but for that of a new connection. */
  readonly onHandled?: (durationMs: number) => void;
  /** Called with the time that opening a connection to a dev server took. */
  readonly onDial?: (durationMs: number) => void;
  /** At least so often, ms; default 5,000. */
  readonly requestsEveryMs?: number;
  /** Told of visits to previews that sleep, so that they are woken. */
  readonly onAsleep?: OnAsleep;
  readonly limits?: GatewayLimits;
  /** What the limits ask for; default: what this gateway has under way. */
  readonly counts?: LimitCounts;
  /** Addresses and networks of proxies whose `X-Forwarded-For` says who visits. */
  readonly trustedProxies?: readonly Network[];
  /** Serves gated links; without it their names are unknown. */
  readonly login?: GatewayLogin | LoginElsewhere;
  /** Speak TLS, and HTTP/2 to whoever can; closed by `close`. Without them plain HTTP/1.1 for an edge to ask. */
  readonly certificates?: Certificates;
}

export interface TrafficReading extends RequestCounts {
  /** Sockets of clients. */
  readonly clients: number;
  /** Sockets to dev servers. */
  readonly upstreams: number;
  /** Bytes from and to clients, heads included. */
  readonly received: number;
  readonly sent: number;
}

export type GatewayLimits = TrafficLimitSettings & Pick<ListenerOptions, "headBytes" | "headSeconds">;

/** The reverse proxy that serves previews: see docs/architecture.md. */
export interface Gateway {
  /**
   * Binds the port, then loads the routes; until they are there every genuine link is answered 503. Where connections can
   * wait, or another gateway has them, the routes come first.
   * Rejects with `listen_failed`, or with what the feed's start rejects with, and is closed then.
   */
  listen(): Promise<{ port: number }>;
  /** Loads the routes, which `listen` does otherwise: nobody is let in before. */
  load(): Promise<void>;
  /** True while it listens and knows the routes. */
  ready(): boolean;
  /** Uses of previews: its own requests, and those that others note; they go to `onRequests`. */
  readonly uses: Uses;
  /** Sockets of clients and to dev servers. */
  openSockets(): number;
  /** What became of requests since the start, and what is open now. */
  readTraffic(): TrafficReading;
  /**
   * Accepts no connection any more, and resolves when nothing is under way: connections end when idle, else with the answer
   * that comes. By the deadline the rest is cut, WebSockets with 1001 (going away), which takes a second at most.
   * Idempotent: the first deadline holds. To be followed by `close`, which may also cut it short.
   */
  drain(options: DrainOptions): Promise<void>;
  /** Cuts everything; idempotent. */
  close(): Promise<void>;
}

/** How late the expiry of a link may cut what is open. */
const expirySweepMs = 250;

export function createGateway(options: GatewayOptions): Gateway {
  const { clock, feed, logger } = options;
  const traffic = createOpenTraffic();
  const { previews, visitors, addresses: open, guesses } = options.counts ?? createLimitCounts();
  const visits = createOpenTraffic();
  const limits = options.limits ?? {};
  const addresses = createClientAddresses(options.trustedProxies);
  const counts = createTrafficCounts(options.onLimit);
  const onDropped = (most: number) => counts.limited({ setting: "limitAddressConnections", most });
  const clients = createClientSockets({ addresses, open, onDropped, ...perAddress(limits) });
  const pool = createUpstreamPool(options);
  const tally = createRequestTally(options);
  const routes = createRouteTable({
    onLinkGone: (linkId, answer) => traffic.cut(linkId, answer),
    onLaunchGone: (launchId) => pool.dropLaunch(launchId),
  });
  const address = { domain: options.domain, scheme: options.publicScheme, port: options.publicPort ?? options.port };
  const verifyHost = createHostVerifier(options.keys, address);
  const limit = createTrafficLimits(limits, { clock, previews, visitors, guesses });
  const sessions = createSessionTable(clock, (id) => visits.cut(id, answers.sessionEnded));
  const login = options.login && openLogin(options, { login: options.login, address, routes, sessions });
  const wakes = createWakeCalls(options);
  const userOf = (sessionId: string) => sessions.get(sessionId)?.user;
  const accesses = createAccessTally({ ...options, userOf });
  const handler = createRequestHandler({
    accesses,
    clock,
    logger,
    ...(options.accessLevel && { accessLevel: options.accessLevel }),
    ...(options.onHandled && { onHandled: options.onHandled }),
    wakes,
    noteUse: ({ previewId }) => tally.record(previewId, clock.now()),
    limit,
    pool,
    batch: createWriteBatch((error) => logger.error({ err: error }, "request not handled")),
    traffic,
    previews,
    visits,
    visitors,
    addresses,
    counts,
    clients,
    routes,
    verifyHost,
    ...login,
  });
  const listener = createListener({
    host: options.host,
    port: options.port,
    ...(options.handedOver && { handedOver: options.handedOver }),
    ...(options.reusePort && { reusePort: true }),
    logger,
    clients,
    counts,
    handler,
    ...limits,
    ...tlsOf(options),
  });
  const isLive = (linkId: string) => (routes.get(linkId)?.expiresAt ?? 0) > clock.now();
  const sweep = setInterval(() => {
    traffic.cutUnless(isLive, answers.gone);
    visits.cutUnless((id) => sessions.get(id) !== undefined, answers.sessionEnded);
  }, expirySweepMs);
  sweep.unref();
  let listening = false;
  let draining: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  const closeAll = async () => {
    listening = false;
    clearInterval(sweep);
    await listener.close();
    wakes.close();
    pool.close();
    await Promise.all([feed.close(), tally.close(), accesses.close(), options.certificates?.close()]);
  };
  const close = () => (closing ??= closeAll());
  const waits = canWait(options);
  let loading: Promise<void> | undefined;
  const load = () =>
    (loading ??= feed.start({
      onSnapshot: (all) => routes.replaceAll(all),
      onChange: (change) => routes.apply(change),
      onSessions: (all) => sessions.replaceAll(all),
      onSessionChange: (change) => sessions.apply(change),
    }));

  return {
    async listen() {
      try {
        if (waits) await load();
        const { port } = await listener.listen();
        if (options.publicPort === undefined) address.port = port;
        listening = true;
        await load();
        return { port };
      } catch (error) {
        await close();
        throw error;
      }
    },
    load,
    ready: () => listening && routes.loaded(),
    uses: { note: (previewId) => tally.record(previewId, clock.now()), flush: () => tally.flush() },
    openSockets: () => clients.size() + pool.size(),
    readTraffic: () => ({ ...counts.read(), clients: clients.size(), upstreams: pool.size(), ...clients.bytes() }),
    drain(drainOptions) {
      listening = false;
      return (draining ??= closing ?? listener.drain(drainOptions));
    },
    close,
  };
}

function tlsOf({ certificates, domain, login, limits }: GatewayOptions): Pick<ListenerOptions, "tls"> {
  if (certificates === undefined) return {};
  const serves = (authority: string): boolean => {
    const name = hostWithoutPort(authority) ?? "";
    return name.endsWith(`.${domain}`) || name === login?.authHost || certificates.names(name);
  };
  // a browser waits with what is more than that, where a refusal would break its page
  const mostStreams = limits?.connectionsPerAddress ?? Infinity;
  return { tls: { certificates, domain, serves, mostStreams } };
}

function perAddress({ connectionsPerAddress: most }: GatewayLimits): Pick<ClientSocketsOptions, "perAddress"> {
  return most === undefined ? {} : { perAddress: most };
}
