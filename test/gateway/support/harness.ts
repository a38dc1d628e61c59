import { once } from "node:events";
import { randomBytes, randomUUID } from "node:crypto";
import { connect } from "node:net";
import { createLogger } from "../../../src/logger.ts";
import { createGateway } from "../../../src/gateway/gateway.ts";
import type { Gateway, GatewayOptions } from "../../../src/gateway/gateway.ts";
import { printSignedHost } from "../../../src/preview/links/host-name.ts";
import type { Dial, Route } from "../../../src/preview/route.ts";
import { mintToken } from "../../../src/preview/links/token.ts";
import type { SigningKeys } from "../../../src/preview/links/token.ts";
import { hashOf } from "../../../src/secrets.ts";
import { createFakeFeed } from "./fake-feed.ts";
import type { FakeFeed } from "./fake-feed.ts";
import { connectRaw } from "./raw-client.ts";
import type { RawClient } from "./raw-client.ts";

export const domain = "preview.test";
export const keys: SigningKeys = { currentId: 3, secrets: new Map([[3, Buffer.alloc(32, 7)]]) };

/** A link with everything that a test may want to bend. */
export interface MintedLink {
  readonly route: Route;
  readonly token: string;
  /** Host name without a port. */
  readonly name: string;
}

export function mintLink(port: number, overrides: Partial<Route> & { minted?: SigningKeys } = {}): MintedLink {
  const { minted = keys, ...rest } = overrides;
  const linkId = rest.linkId ?? randomBytes(8).toString("hex");
  const expiresAt = rest.expiresAt ?? Math.floor(Date.now() / 1000) * 1000 + 3_600_000;
  const token = mintToken(minted, { domain, port }, { keyId: minted.currentId, linkId, expiresAt });
  const route: Route = {
    linkId,
    previewId: randomUUID(),
    launchId: randomUUID(),
    sandboxId: "local-test",
    port,
    tokenHash: hashOf(token),
    expiresAt,
    state: "ready",
    hostMode: "local",
    socketScript: false,
    process: { pid: 1, startTime: "1", session: 1 },
    listener: { port, address: "127.0.0.1", pid: 1 },
    ...rest,
  };
  return { route, token, name: printSignedHost({ port, token }, domain) };
}

/** Dials the route's port on loopback, with the reader's buffer or, as a dialer may, without it. */
export const dialLoopback: Dial = (route, options) => dialPort(route.port, options);
export const dialPlain: Dial = (route, { signal }) => dialPort(route.port, signal === undefined ? {} : { signal });

export async function dialPort(port: number, options: Parameters<Dial>[1]) {
  const socket = connect({ port, host: "127.0.0.1", ...options });
  await once(socket, "connect");
  return socket;
}

export interface Harness {
  readonly gateway: Gateway;
  readonly feed: FakeFeed;
  readonly port: number;
  connect(): Promise<RawClient>;
  close(): Promise<void>;
}

export async function startGateway(routes: readonly Route[], options: Partial<GatewayOptions> = {}): Promise<Harness> {
  const feed = createFakeFeed(routes);
  const gateway = createGateway({ ...defaults(), feed, ...options });
  const { port } = await gateway.listen();
  const clients: RawClient[] = [];
  return {
    gateway,
    feed,
    port,
    async connect() {
      const client = await connectRaw(port);
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.close();
      await gateway.close();
    },
  };
}

export function defaults(): Omit<GatewayOptions, "feed"> {
  return {
    dial: dialLoopback,
    keys,
    domain,
    publicScheme: "http",
    clock: { now: () => Date.now() },
    logger: createLogger("silent"),
    host: "127.0.0.1",
    port: 0,
  };
}
