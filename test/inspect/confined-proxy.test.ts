import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { connect as connectTls, createSecureContext } from "node:tls";
import { X509Certificate, createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { openConfinedProxy } from "../../src/inspect/confined-proxy.ts";
import type { ConfinedProxy, ConfinedProxyOptions } from "../../src/inspect/confined-proxy.ts";
import type { Reach } from "../../src/inspect/reach.ts";
import { createSelfSigned } from "../../src/inspect/self-signed.ts";
import { until } from "../support/until.ts";
import { dialThrough, readAll } from "./support/socks-client.ts";

let echo: Server;
let echoPort: number;
let sockets: Set<Socket>;
let proxy: ConfinedProxy;

beforeEach(async () => {
  sockets = new Set();
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket)).on("error", () => undefined);
    socket.write("hello ");
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(echo, "listening");
  echoPort = (echo.address() as AddressInfo).port;
});
afterEach(async () => {
  await proxy.close();
  for (const socket of sockets) socket.destroy();
  echo.close();
});

async function open(options: Partial<ConfinedProxyOptions> = {}) {
  const reaches: Record<string, Reach> = {
    preview: { kind: "gateway" },
    cdn: { kind: "internet", address: "93.184.215.14", port: 443 },
    inside: { kind: "refused", reason: "not a public address" },
  };
  proxy = await openConfinedProxy({
    reach: (host) => Promise.resolve(reaches[host] ?? { kind: "refused", reason: "unknown" }),
    gateway: { host: "127.0.0.1", port: echoPort },
    ...options,
  });
}

describe("the proxy that confines the browser", () => {
  it("relays a preview to the gateway, both ways and until both are done", async () => {
    await open();
    const { socket, reply } = await dialThrough(proxy.port, "preview", 4781);
    expect(reply).toBe(0);
    socket.end("world");
    expect(await readAll(socket)).toBe("hello world");
  });

  it("dials the very address that was judged", async () => {
    const dialled: object[] = [];
    await open({
      dial: (target) => {
        dialled.push(target);
        return connect(echoPort, "127.0.0.1");
      },
    });
    const { socket } = await dialThrough(proxy.port, "cdn", 8080);
    socket.end("!");
    expect(await readAll(socket)).toBe("hello !");
    expect(dialled).toEqual([{ host: "93.184.215.14", port: 443 }]);
  });

  it("refuses what may not be reached, without a connection, and tells why", async () => {
    await open();
    const { socket, reply } = await dialThrough(proxy.port, "inside", 80);
    expect(reply).toBe(2);
    expect(await readAll(socket)).toBe("");
    expect(proxy.refusal("inside", 80)).toBe("not a public address");
    expect(proxy.refusal("INSIDE", 80)).toBe("not a public address");
    expect(proxy.refusal("inside", 81)).toBeUndefined();
    expect(sockets.size).toBe(0);
  });

  it("remembers a bounded number of refusals", async () => {
    await open();
    for (let port = 1; port <= 205; port += 1) (await dialThrough(proxy.port, "inside", port)).socket.destroy();
    expect(proxy.refusal("inside", 1)).toBeUndefined();
    expect(proxy.refusal("inside", 205)).toBe("not a public address");
  });

  it("answers a dead address with a failure", async () => {
    await open({ gateway: { host: "127.0.0.1", port: 1 } });
    expect((await dialThrough(proxy.port, "preview", 80)).reply).toBe(4);
  });

  test.each([
    ["HTTP, as a web page would send it", Buffer.from("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")],
    ["SOCKS 4", Buffer.of(4, 1, 0, 80, 127, 0, 0, 1, 0)],
    ["SOCKS 5 that must authenticate", Buffer.of(5, 1, 2)],
    ["a BIND request", Buffer.of(5, 1, 0, 5, 2, 0, 3, 1, 65, 0, 80)],
    ["an unknown type of address", Buffer.of(5, 1, 0, 5, 1, 0, 9, 1, 65, 0, 80)],
    ["an empty name", Buffer.of(5, 1, 0, 5, 1, 0, 3, 0, 0, 80)],
    ["half a request", Buffer.of(5, 1, 0, 5)],
  ])("hangs up on %s", async (_, bytes) => {
    await open();
    const socket = connect(proxy.port, "127.0.0.1");
    socket.on("error", () => undefined).end(bytes);
    const answer = await readAll(socket).catch(() => "");
    expect(["", "\u0005\u0000"]).toContain(answer);
    expect(sockets.size).toBe(0);
  });

  it("listens on loopback alone, and cuts everything when it closes", async () => {
    await open();
    const { socket } = await dialThrough(proxy.port, "preview", 4781);
    await once(socket, "readable");
    await proxy.close();
    await until(
      "both ends are cut",
      () => sockets.size === 0 && (socket.destroyed || socket.readableEnded || socket.read() !== undefined),
    );
    await expect(dialThrough(proxy.port, "preview", 4781)).rejects.toThrow();
  });

  it("hangs up on the gateway when the browser does", async () => {
    await open();
    const { socket } = await dialThrough(proxy.port, "preview", 4781);
    await until("it is connected", () => sockets.size === 1);
    socket.destroy();
    await until("it is gone", () => sockets.size === 0);
  });
});

describe("previews behind https", () => {
  it("end their TLS in the proxy, with the one key that the browser is told to trust", async () => {
    const { key, cert, fingerprint } = createSelfSigned(Date.now());
    await open({ tls: createSecureContext({ key, cert }) });
    const { socket } = await dialThrough(proxy.port, "preview", 443);
    const secure = connectTls({ socket, rejectUnauthorized: false, ALPNProtocols: ["h2", "http/1.1"] });
    await once(secure, "secureConnect");
    expect(secure.alpnProtocol).toBe("http/1.1");
    const spki = new X509Certificate(secure.getPeerCertificate().raw).publicKey.export({ type: "spki", format: "der" });
    expect(createHash("sha256").update(spki).digest("base64")).toBe(fingerprint);
    secure.end("secret");
    expect(await readAll(secure)).toBe("hello secret");
  });

  it("leaves the TLS of other sites to the browser", async () => {
    const { key, cert } = createSelfSigned(Date.now());
    await open({ tls: createSecureContext({ key, cert }), dial: () => connect(echoPort, "127.0.0.1") });
    const { socket } = await dialThrough(proxy.port, "cdn", 443);
    socket.end("client hello");
    expect(await readAll(socket)).toBe("hello client hello");
  });

  it("get a certificate that is well formed, valid now, and new for every browser", () => {
    const now = Date.now();
    const [one, other] = [createSelfSigned(now), createSelfSigned(now)];
    const certificate = new X509Certificate(one.cert);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(now);
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(now + 86_400_000);
    expect(one.fingerprint).not.toBe(other.fingerprint);
  });
});
