import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { closing, requestTo, startPreview } from "./support/fixture.ts";
import { mintLink, startGateway } from "./support/harness.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("a WebSocket is joined to the app's, both ways and in any size", async () => {
  const app = createServer();
  const sockets = new WebSocketServer({ server: app, handleProtocols: () => "vite-hmr" });
  sockets.on("connection", (socket) =>
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
  );
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  closing({
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      app.close();
      await once(app, "close");
    },
  });
  const link = mintLink((app.address() as AddressInfo).port);
  const harness = closing(await startGateway([link.route]));
  const socket = new WebSocket(`ws://127.0.0.1:${harness.port}/`, ["vite-hmr"], { headers: { Host: link.name } });
  await once(socket, "open");
  expect(socket.protocol).toBe("vite-hmr");
  for (const size of [0, 1, 125, 126, 65_535, 65_536, 3_000_000]) {
    const message = Buffer.alloc(size, size & 255);
    socket.send(message);
    const [echo] = await once(socket, "message");
    expect(message.equals(echo as Buffer)).toBe(true);
  }
  socket.close(4001, "bye");
  expect((await once(socket, "close"))[0]).toBe(4001);
  await expect.poll(() => harness.gateway.openSockets()).toBe(0);
});

test("a handshake that the app does not answer is a 502 after 30 s", async () => {
  const { upstream, link, harness } = await startPreview(() => new Promise(() => {}));
  const client = await harness.connect();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const asking = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
  client.write(requestTo(link, "/", ...asking, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
  while (upstream.requests.length === 0) await new Promise(setImmediate);
  vi.advanceTimersByTime(29_000);
  expect(client.waiting()).toBe("");
  vi.advanceTimersByTime(1_500);
  vi.useRealTimers();
  expect((await client.head()).status).toBe(502);
  await expect.poll(() => upstream.open()).toBe(0);
});
