import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { createClientAddresses } from "../../src/gateway/client-address.ts";
import { createClientSockets } from "../../src/gateway/http1/client-sockets.ts";
import type { ClientSockets } from "../../src/gateway/http1/client-sockets.ts";
import type { GatewayOptions } from "../../src/gateway/gateway.ts";
import { until } from "../support/until.ts";
import { bareAnswer } from "./support/bare-answer.ts";
import { startBareListener } from "./support/bare-listener.ts";
import { requestTo, startPreview } from "./support/fixture.ts";
import type { Preview } from "./support/fixture.ts";
import { connectRaw } from "./support/raw-client.ts";
import { ok } from "./support/scripted-upstream.ts";

const document = ["Accept: text/html", "Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate"];
const hangs = { gateway: { limits: { connectionsPerAddress: 3 } } };

/** So many requests that no answer comes to. */
async function occupy({ harness, link, upstream }: Preview, count: number, ...lines: string[]) {
  const before = upstream.requests.length;
  const clients = await Promise.all(Array.from({ length: count }, () => harness.connect()));
  for (const client of clients) client.write(requestTo(link, "/hang", ...lines));
  await until("all are under way", () => upstream.requests.length === before + count);
  return clients;
}

const answering = () =>
  startPreview((peer, { line }) => (line.includes("/hang") ? undefined : peer.write(ok("here"))), hangs);

async function ask(preview: Preview, ...lines: string[]) {
  const client = await preview.harness.connect();
  client.write(requestTo(preview.link, "/", ...lines));
  const response = await client.response();
  client.close();
  return response;
}

describe("connections of one address", () => {
  it("are served up to the limit, the next is told the limit in its own language, and one that ends makes room", async () => {
    const preview = await answering();
    const [first] = await occupy(preview, 2);
    const third = await preview.harness.connect();
    third.write(requestTo(preview.link));
    expect((await third.response()).status).toBe(200);
    third.write(requestTo(preview.link, "/hang"));
    await until("it is under way", () => preview.upstream.requests.length === 4);
    const refused = await ask(preview);
    expect([refused.status, refused.header("retry-after"), refused.header("connection")]).toEqual([429, "1", "close"]);
    expect(JSON.parse(refused.body)).toEqual({
      status: 429,
      previewStatus: "limited",
      message:
        "Your address has 3 connections to this gateway, which is the limit. Close a tab, then load the page again.",
      limit: "limitAddressConnections",
      most: 3,
    });
    expect((await ask(preview, ...document)).body).toMatch(/<h1>Too many connections<\/h1><p>Your address has 3 /);
    expect((await ask(preview, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x")).status).toBe(429);
    first?.close();
    await expect.poll(async () => (await ask(preview)).status).toBe(200);
  });

  it("are those of this address alone", async () => {
    const preview = await answering();
    await occupy(preview, 3);
    expect((await ask(preview)).status).toBe(429);
    const socket = connect({ port: preview.harness.port, host: "127.0.0.1", localAddress: "127.0.0.2" });
    socket.write(requestTo(preview.link));
    const [bytes] = (await once(socket, "data")) as [Buffer];
    expect(bytes.toString()).toContain("200 OK");
    socket.destroy();
  });

  it("that come in a crowd are closed without a word beyond those who are told", async () => {
    const preview = await answering();
    await occupy(preview, 3);
    const more = await Promise.all(Array.from({ length: 60 }, () => preview.harness.connect()));
    await Promise.all(more.slice(20).map((client) => client.ended()));
    expect(preview.harness.gateway.openSockets()).toBeLessThanOrEqual(3 + 20 + 3);
  });
});

describe("visitors whom a trusted proxy brings", () => {
  const from = (address: string) => `X-Forwarded-For: ${address}`;
  const behind = (gateway: Partial<GatewayOptions>) =>
    startPreview((peer, { line }) => (line.includes("/hang") ? undefined : peer.write(ok("here"))), {
      gateway: { ...hangs.gateway, ...gateway },
      route: { hostMode: "public" },
    });

  it("are counted apart, by what they have under way, and the proxy's connections are left to it", async () => {
    const preview = await behind({ trustedProxies: [{ address: "127.0.0.0", prefix: 8, family: "ipv4" }] });
    const [first] = await occupy(preview, 3, from("203.0.113.7"));
    const refused = await ask(preview, from("203.0.113.7"));
    expect([refused.status, refused.header("connection")]).toEqual([429, "keep-alive"]);
    expect(refused.body).toContain("limitAddressConnections");
    await occupy(preview, 3, from("203.0.113.8"));
    first?.close();
    await expect.poll(async () => (await ask(preview, from("203.0.113.7"))).status).toBe(200);
    expect(preview.upstream.requests.at(-1)?.header("x-forwarded-for")).toBe("203.0.113.7");
  });

  it("are one address where nobody is trusted, whatever the header says", async () => {
    const preview = await behind({});
    await occupy(preview, 3, from("203.0.113.7"));
    expect((await ask(preview, from("203.0.113.8"))).status).toBe(429);
    expect(preview.upstream.requests.at(-1)?.header("x-forwarded-for")).toBe("127.0.0.1");
  });
});

describe("a connection on which nothing is under way", () => {
  it("gives way to a new one of its address, once its head had time to come", async () => {
    const clients = createClientSockets({ addresses: createClientAddresses(), perAddress: 2, graceMs: 0 });
    const { port } = await listenerOf(clients);
    const [kept, partial] = [await connectRaw(port), await connectRaw(port)];
    kept.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await kept.response()).status).toBe(200);
    partial.write("GET / HTTP/1.1\r\nHost:");
    const third = await connectRaw(port);
    await kept.ended();
    third.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect((await third.response()).status).toBe(200);
    expect(clients.size()).toBe(2);
    for (const client of [partial, third]) client.close();
  });

  it("gives way where too many wait, those first that wait longest, and a busy one never", async () => {
    const clients = createClientSockets({ addresses: createClientAddresses(), mostWaiting: 10 });
    const { port, hanging } = await listenerOf(clients);
    const busy = await connectRaw(port);
    busy.write("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n");
    await until("it is under way", () => hanging() === 1);
    const partial = [];
    for (let count = 0; count < 15; count += 1) {
      const client = await connectRaw(port);
      client.write(`GET / HTTP/1.1\r\nX-Fill: ${"v".repeat(8_000)}`);
      partial.push(client);
    }
    await Promise.all(partial.slice(0, 5).map((client) => client.ended()));
    expect(clients.size()).toBe(11);
    for (const client of partial.slice(5)) {
      client.write("\r\nHost: a\r\n\r\n");
      expect((await client.response()).status).toBe(200);
      client.close();
    }
    busy.close();
  });
});

/** A listener over these sockets, which answers everything at once but `/hang`. */
async function listenerOf(clients: ClientSockets) {
  let hanging = 0;
  const { port } = await startBareListener({
    clients,
    handler: {
      onRequest(client) {
        if (client.request.url !== "/hang") return client.answer(bareAnswer);
        clients.add(client.socket, { cut: () => {}, beLast: () => false, goAway: () => {} });
        hanging += 1;
      },
      onUpgrade: () => {},
    },
  });
  return { port, hanging: () => hanging };
}
