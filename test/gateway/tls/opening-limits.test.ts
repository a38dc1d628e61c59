import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { closing, requestTo } from "../support/fixture.ts";
import { ask } from "../support/http2-ask.ts";
import { connectHttp2, startTlsPreview } from "../support/tls-preview.ts";
import type { Preview } from "../support/fixture.ts";

/** Of the limit, 20 that are told of it, and one whose end is on its way. */
const most = 5 + 20 + 1;

const limited = (perAddress = 5) =>
  startTlsPreview(undefined, { gateway: { limits: { connectionsPerAddress: perAddress } } });

/** Connections from one address that have sent so much and no more. */
async function crowd({ harness }: Preview, count: number, bytes: string): Promise<Socket[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect({ host: "127.0.0.1", port: harness.port, localAddress: "127.0.0.3" });
      closing({ close: async () => void socket.destroy() });
      socket.on("error", () => {}).resume();
      await once(socket, "connect");
      socket.write(bytes, "latin1");
      return socket;
    }),
  );
}

async function secureFrom({ harness, link }: Preview, localAddress: string): Promise<TLSSocket> {
  const where = { host: "127.0.0.1", port: harness.port, servername: link.name, localAddress };
  const socket = connectTls({ ...where, rejectUnauthorized: false });
  closing({ close: async () => void socket.destroy() });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  return socket;
}

async function statusFrom(preview: Preview, localAddress: string): Promise<string | undefined> {
  const socket = await secureFrom(preview, localAddress);
  const status = await statusOf(socket, preview);
  socket.destroy();
  return status;
}

async function statusOf(socket: TLSSocket, { link }: Preview): Promise<string | undefined> {
  socket.write(requestTo(link));
  const [bytes] = (await once(socket, "data")) as [Buffer];
  return /^HTTP\/1\.1 (\d+)/.exec(String(bytes))?.[1];
}

describe("connections of one address to a port with TLS", () => {
  it.each([
    ["nothing", ""],
    ["a part of a plain request", "GET / HTTP/1.1\r\n"],
    ["a part of a handshake", "\x16\x03\x01"],
  ])(
    "are counted before they agree on it, also those that sent %s; another address is served",
    async (_what, bytes) => {
      const preview = await limited();
      const sockets = await crowd(preview, 60, bytes);
      await expect.poll(() => sockets.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(most);
      expect(preview.harness.gateway.readTraffic().clients).toBeLessThanOrEqual(most);
      expect(await statusFrom(preview, "127.0.0.4")).toBe("200");
    },
  );

  it("are counted once each, however they go on, and make room where they end", async () => {
    const preview = await limited(2);
    const first = await connectHttp2(preview);
    expect((await ask(first, {})).status).toBe(200);
    const second = await secureFrom(preview, "127.0.0.1");
    expect(await statusOf(second, preview)).toBe("200");
    expect(preview.harness.gateway.readTraffic().clients).toBe(2);
    second.destroy();
    await expect.poll(() => preview.harness.gateway.readTraffic().clients).toBe(1);
    expect(await statusFrom(preview, "127.0.0.1")).toBe("200");
  });

  it("that say nothing give way to one that agrees on it, once they had time to", async () => {
    const preview = await limited(3);
    await crowd(preview, 3, "");
    await expect.poll(() => statusFrom(preview, "127.0.0.3"), { timeout: 5_000, interval: 200 }).toBe("200");
  });
});
