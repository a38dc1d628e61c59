import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { probe } from "../../src/preview/launch/probe.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listen(answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    // the prober hangs up when it has what it wants
    socket.on("error", () => undefined);
    socket.once("data", () => answer(socket));
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function ask(port: number, timeoutMs: number) {
  return probe({ host: "127.0.0.1", port, hostHeader: `localhost:${port}`, path: "/", timeoutMs });
}

function dripping(text: string, { after = "" } = {}): (socket: Socket) => void {
  return (socket) => {
    socket.write(after);
    const timer = setInterval(() => socket.write(text), 20);
    socket.once("close", () => clearInterval(timer));
  };
}

test("tells status and the start of the body of an answer", async () => {
  const port = await listen((socket) => socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"));
  expect(await ask(port, 5000)).toEqual({ answered: true, status: 404, html: false, bodyStart: "no" });
});

test.each([
  ["200 OK", "text/html; charset=utf-8", true],
  ["200 OK", "Text/HTML", true],
  ["200 OK", "application/json", false],
  ["404 Not Found", "text/html", false],
  ["302 Found", "text/html", false],
])("of %s with %s tells whether it is a page: %s", async (status, type, html) => {
  const head = `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\nContent-Length: 0\r\n\r\n`;
  expect(await ask(await listen((socket) => socket.end(head)), 5000)).toMatchObject({ answered: true, html });
});

test.each([
  ["one 1xx after another", dripping("HTTP/1.1 102 Processing\r\n\r\n")],
  ["one header byte after another", dripping("x", { after: "HTTP/1.1 200 OK\r\nX: " })],
  ["nothing", () => undefined],
])("gives a server that sends %s its time, and no more", async (_what, answer) => {
  const startedAt = performance.now();
  expect(await ask(await listen(answer), 300)).toMatchObject({ answered: false });
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

test("takes what there is of a body that never ends", async () => {
  const port = await listen(dripping("a", { after: "HTTP/1.1 200 OK\r\n\r\n" }));
  expect(await ask(port, 5000)).toMatchObject({ answered: true, status: 200 });
});
