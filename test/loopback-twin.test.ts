import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { networkInterfaces } from "node:os";
import type { AddressInfo, Server as TcpServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { isTwinFree, openLoopbackTwin } from "../src/loopback-twin.ts";
import type { LoopbackTwin } from "../src/loopback-twin.ts";

const open: (Server | TcpServer | LoopbackTwin)[] = [];
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function serve(host: string): Promise<Server> {
  const server = createServer((request, response) => response.end(`from ${request.socket.localAddress}`));
  server.listen(0, host);
  await once(server, "listening");
  // a connection of somebody else may have the same port on the other address
  if (!(await isTwinFree(server.address() as AddressInfo))) {
    server.close();
    return serve(host);
  }
  open.push(server);
  return server;
}

async function occupy(host: string, port: number): Promise<void> {
  const server = createTcpServer();
  open.push(server);
  server.listen({ host, port, ipv6Only: host === "::1" });
  await once(server, "listening");
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const ask = async (host: string, port: number) =>
  (await fetch(`http://${host}:${port}/`, { headers: { connection: "close" } })).text();

describe.skipIf(!hasIpv6)(`a listener's second loopback address ${hasIpv6 ? "" : "(no IPv6 here)"}`, () => {
  test.each([
    ["127.0.0.1", "[::1]", "::1"],
    ["0.0.0.0", "[::1]", "::1"],
    ["::1", "127.0.0.1", "127.0.0.1"],
  ])("of %s is answered by the same server", async (host, twin, local) => {
    const server = await serve(host);
    open.push((await openLoopbackTwin(server))!);
    expect(await ask(twin, portOf(server))).toBe(`from ${local}`);
    expect(await ask(host === "::1" ? "[::1]" : "127.0.0.1", portOf(server))).toMatch(/^from /);
  });

  test("is no longer answered once it was closed", async () => {
    const server = await serve("127.0.0.1");
    const twin = (await openLoopbackTwin(server))!;
    await twin.close();
    const socket = connect(portOf(server), "::1");
    expect(await once(socket, "error")).toEqual([expect.objectContaining({ code: "ECONNREFUSED" })]);
  });

  test("that somebody else holds is refused, and is not free", async () => {
    const server = await serve("127.0.0.1");
    const address = { address: "127.0.0.1", port: portOf(server) };
    expect(await isTwinFree(address)).toBe(true);
    await occupy("::1", portOf(server));
    expect(await isTwinFree(address)).toBe(false);
    await expect(openLoopbackTwin(server)).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("exists for loopback and wildcard addresses alone", async () => {
    const server = await serve("127.0.0.2");
    expect(await openLoopbackTwin(server)).toBeUndefined();
    expect(await isTwinFree({ address: "192.0.2.1", port: portOf(server) })).toBe(true);
  });
});
