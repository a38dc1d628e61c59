import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { connect as connectNet } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { openCertificateFiles } from "../../../src/gateway/tls/certificate-files.ts";
import { createLogger } from "../../../src/logger.ts";
import { makeCertificate } from "../support/certificate.ts";
import { closing, requestTo } from "../support/fixture.ts";
import { domain, mintLink, startGateway } from "../support/harness.ts";
import { ask } from "../support/http2-ask.ts";
import { connectRaw } from "../support/raw-client.ts";
import { ok } from "../support/scripted-upstream.ts";
import { startSocketApp } from "../support/socket-app.ts";
import { connectHttp2, fixedCertificates, startTlsPreview } from "../support/tls-preview.ts";

async function connectTls(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...options });
  closing({ close: async () => void socket.destroy() });
  await once(socket, "secureConnect");
  return socket;
}

describe("a gateway with TLS", () => {
  test("speaks HTTP/2 to who can, and HTTP/1.1 to who cannot", async () => {
    const preview = await startTlsPreview();
    const { link, harness } = preview;
    expect((await ask(await connectHttp2(preview), {})).status).toBe(200);
    for (const ALPNProtocols of [["http/1.1"], undefined]) {
      const socket = await connectTls(harness.port, { servername: link.name, ...(ALPNProtocols && { ALPNProtocols }) });
      socket.write(requestTo(link, "/one"));
      expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      // kept alive
      socket.write(requestTo(link, "/two"));
      expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    }
    expect(preview.upstream.requests).toHaveLength(5);
  });

  test("keeps the parser of HTTP/1.1 as strict as it is without", async () => {
    const { link, harness, upstream } = await startTlsPreview();
    const socket = await connectTls(harness.port, { servername: link.name });
    socket.write(requestTo(link, "POST /", "Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n");
    expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 400 /);
    expect(upstream.requests).toEqual([]);
  });

  test("opens WebSockets over HTTP/1.1", async () => {
    const app = await startSocketApp();
    const link = mintLink(app.port);
    const gateway = { certificates: fixedCertificates(), publicScheme: "https" } as const;
    const harness = closing(await startGateway([link.route], gateway));
    const socket = new WebSocket(`wss://127.0.0.1:${harness.port}/a`, [], {
      headers: { Host: link.name },
      rejectUnauthorized: false,
    });
    const [message] = await once(socket, "message");
    expect(String(message)).toBe("/a");
    socket.close();
    await once(socket, "close");
  });

  test("speaks TLS 1.3 and 1.2, and nothing older", async () => {
    const { harness } = await startTlsPreview();
    for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
      const socket = await connectTls(harness.port, { minVersion: version, maxVersion: version });
      expect(socket.getProtocol()).toBe(version);
    }
    const old = connect({
      host: "127.0.0.1",
      port: harness.port,
      rejectUnauthorized: false,
      minVersion: "TLSv1.1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    await expect(once(old, "secureConnect")).rejects.toThrow();
    old.destroy();
  });

  test("agrees on no protocol that it does not speak", async () => {
    const { harness } = await startTlsPreview();
    const socket = connect({ host: "127.0.0.1", port: harness.port, rejectUnauthorized: false, ALPNProtocols: ["h3"] });
    await expect(once(socket, "secureConnect")).rejects.toThrow();
    socket.destroy();
  });

  test("holds no connection that sends nothing, or nothing but a part of a handshake", async () => {
    const { harness } = await startTlsPreview(undefined, { gateway: { limits: { headSeconds: 1 } } });
    for (const text of ["", "\x16\x03\x01"]) {
      const socket = connectNet({ host: "127.0.0.1", port: harness.port });
      await once(socket, "connect");
      socket.write(text, "latin1");
      socket.resume();
      socket.on("error", () => {});
      await once(socket, "close");
    }
    // agreed on HTTP/2, and never asks
    const silent = await connectTls(harness.port, { ALPNProtocols: ["h2"] });
    silent.resume();
    await once(silent, "close");
  });

  test("closes connections that come with garbage, and serves the next", async () => {
    const preview = await startTlsPreview();
    for (const text of ["\x16\x03\x01\x00\x05hello", "\x00\x00\x00", "SSH-2.0-x\r\n"]) {
      const client = await connectRaw(preview.harness.port);
      client.write(text);
      client.socket.end();
      await client.rest().catch(() => "");
    }
    expect((await ask(await connectHttp2(preview), {})).status).toBe(200);
    await expect.poll(() => preview.harness.gateway.readTraffic().clients).toBe(1);
  });

  test("closes what is half open when it is closed", async () => {
    const { harness } = await startTlsPreview();
    const sockets = await Promise.all([connectRaw(harness.port), connectRaw(harness.port)]);
    sockets[0].write("\x16\x03\x01");
    const closed = sockets.map(({ socket }) => new Promise((resolve) => void socket.once("close", resolve)));
    for (const { socket } of sockets) socket.on("error", () => {});
    await harness.gateway.close();
    await Promise.all(closed);
  });
});

describe("plain HTTP on a port with TLS", () => {
  test("is led to https when it reads a host of ours", async () => {
    const { link, harness } = await startTlsPreview();
    const client = await harness.connect();
    client.write(requestTo({ ...link, name: `${link.name}:${harness.port}` }, "/a?b=1"));
    const answer = await client.response();
    expect(answer.status).toBe(308);
    expect(answer.header("location")).toBe(`https://${link.name}:${harness.port}/a?b=1`);
    expect(answer.header("x-preview-status")).toBe("tls-only");
    expect(await client.rest()).toBe("");
  });

  test.each([
    ["POST /", `1-a.${domain}`],
    ["GET /", "evil.example"],
    ["GET /", `evil.example/.${domain}`],
    ["GET http://evil.example/", `1-a.${domain}`],
  ])("is refused as %s at %s", async (target, name) => {
    const { link, harness, upstream } = await startTlsPreview();
    const client = await harness.connect();
    client.write(requestTo({ ...link, name }, target));
    const answer = await client.response();
    expect([answer.status, answer.header("x-preview-status"), answer.header("location")]).toEqual([
      400,
      "tls-only",
      undefined,
    ]);
    expect(upstream.requests).toEqual([]);
  });
});

describe("a certificate from files", () => {
  const files = async () => {
    const directory = await mkdtemp(join(tmpdir(), "dpp-pair-"));
    closing({ close: () => rm(directory, { recursive: true }) });
    const [certFile, keyFile] = [join(directory, "cert.pem"), join(directory, "key.pem")];
    return {
      certFile,
      keyFile,
      write: async (pair: { cert: string; key: string }) => {
        await writeFile(certFile, pair.cert);
        await writeFile(keyFile, pair.key);
      },
    };
  };
  const options = { domain, logger: createLogger("silent"), checkEveryMs: 20 };

  test("is taken up when it is renewed; open connections stay, and a bad one changes nothing", async () => {
    const { write, ...where } = await files();
    const [first, second] = [makeCertificate(`*.${domain}`), makeCertificate(`*.${domain}`)];
    await write(first);
    const certificates = openCertificateFiles({ ...where, ...options });
    const preview = await startTlsPreview(undefined, { gateway: { certificates } });
    const shown = async () => {
      const socket = await connectTls(preview.harness.port, { servername: preview.link.name });
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      return raw.toString("base64");
    };
    const derOf = ({ cert }: { cert: string }) => cert.replaceAll(/-----[^-]+-----|\s/g, "");
    const open = await connectTls(preview.harness.port, { servername: preview.link.name });
    expect(await shown()).toBe(derOf(first));
    await write(second);
    await expect.poll(shown).toBe(derOf(second));
    await write({ cert: first.cert, key: second.key });
    await writeFile(where.keyFile, "nonsense");
    open.write(requestTo(preview.link));
    expect(String((await once(open, "data"))[0])).toContain(" 200 OK");
    expect(await shown()).toBe(derOf(second));
    await write(first);
    await expect.poll(shown).toBe(derOf(first));
  });

  test.each([
    ["that is missing", undefined, /cannot be read/],
    ["that is no certificate", { cert: "hello" }, /does not hold a certificate in PEM/],
    ["whose key is no key", { key: "hello" }, /does not hold a private key in PEM/],
    ["whose key is another's", { key: makeCertificate("a.test").key }, /is not that of the certificate/],
  ])("%s keeps the gateway from starting, and says why", async (_what, bad, message) => {
    const { write, ...where } = await files();
    if (bad !== undefined) await write({ ...makeCertificate(`*.${domain}`), ...bad });
    expect(() => openCertificateFiles({ ...where, ...options })).toThrow(message);
  });
});

test("curl speaks HTTP/2 to it, and HTTP/1.1 where told to", async () => {
  const { link, harness } = await startTlsPreview((peer, { line }) => peer.write(ok(line)));
  const url = `https://${link.name}:${harness.port}/a`;
  const curl = async (...args: string[]) => {
    const all = ["-sk", "--resolve", `${link.name}:${harness.port}:127.0.0.1`, "-w", " %{http_version}", ...args, url];
    return (await promisify(execFile)("curl", all)).stdout;
  };
  expect(await curl("--http2")).toBe("GET /a HTTP/1.1 2");
  expect(await curl("--http1.1")).toBe("GET /a HTTP/1.1 1.1");
  expect(await curl("--http2", "-d", "x=1")).toBe("POST /a HTTP/1.1 2");
});

test("Node's own https client is served without a word about protocols", async () => {
  const { link, harness } = await startTlsPreview();
  const [response] = await once(
    request({
      host: "127.0.0.1",
      port: harness.port,
      servername: link.name,
      headers: { host: link.name },
      ca: fixedCertificates().current().cert,
      agent: false,
    }).end(),
    "response",
  );
  expect(response.statusCode).toBe(200);
  response.resume();
  await once(response, "close");
});
