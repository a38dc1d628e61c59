import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createPortTable, parseListenLines, readListeningSockets } from "../../src/sandbox/socket-table.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const heading =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     ";

function line(local: string, state: string, inode = "54819"): string {
  return `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 00000000be4b3276 100 0 0 10 0                      `;
}

test.each([
  ["00000000:07E8", "0.0.0.0", 2024],
  ["0100007F:1435", "127.0.0.1", 5173],
  ["0501A8C0:0050", "192.168.1.5", 80],
  ["00000000000000000000000000000000:1F90", "::", 8080],
  ["00000000000000000000000001000000:1F90", "::1", 8080],
  ["0000000000000000FFFF00000100007F:1F90", "::ffff:127.0.0.1", 8080],
  ["B80D0120000000000000000001000000:FFFF", "2001:db8::1", 65535],
])("%s is %s port %i", (local, address, port) => {
  expect(parseListenLines(`${heading}\n${line(local, "0A")}\n`)).toEqual([{ address, port, inode: "54819" }]);
});

test("connections, the heading and torn lines are not listeners", () => {
  const text = [heading, line("0100007F:1435", "01"), line("0100007F:1436", "06"), "   1: 0100007F:14", ""].join("\n");
  expect(parseListenLines(text)).toEqual([]);
});

test("every listener of this host is found, also when the table is longer than one read", async () => {
  for (let i = 0; i < 80; i++) {
    const server = createServer().listen(0, i % 2 === 0 ? "127.0.0.1" : "0.0.0.0");
    await once(server, "listening");
    servers.push(server);
  }
  const ports = (await readListeningSockets("/proc/net")).map(({ port }) => port);
  expect(ports).toEqual(expect.arrayContaining(servers.map((server) => (server.address() as AddressInfo).port)));
});

test("sockets of IPv6 are looked for only while a wanted one is missing", async () => {
  const [four, six] = await Promise.all(["127.0.0.1", "::1"].map(listenOn));
  const everything = await readListeningSockets("/proc/net");
  const inodeOf = (port: number) => everything.find((socket) => socket.port === port)!.inode;
  const portsFor = async (...inodes: string[]) =>
    (await readListeningSockets("/proc/net", new Map(inodes.map((inode) => [inode, true])))).map(({ port }) => port);
  expect(await portsFor(inodeOf(four!))).not.toContain(six);
  expect(await portsFor(inodeOf(four!), inodeOf(six!))).toEqual(expect.arrayContaining([four, six]));
});

async function listenOn(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

test("a namespace whose processes are gone has none", async () => {
  expect(await readListeningSockets("/proc/999999999/net")).toEqual([]);
});

test.skipIf(process.platform !== "linux")(
  "who listens on a port is told at once, also when many others come and go",
  async () => {
    const listen = async (address = "127.0.0.1") => {
      const server = createServer().listen(0, address);
      servers.push(server);
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    };
    const table = createPortTable();
    const port = await listen();
    const own = () => table("/proc/net/tcp", port).map((socket) => `${socket.address}:${socket.port}`);
    expect(own()).toEqual([`127.0.0.1:${port}`]);
    for (let other = 0; other < 60; other++) await listen();
    expect(own()).toEqual([`127.0.0.1:${port}`]);
    const last = await listen();
    expect(table("/proc/net/tcp", last)).toHaveLength(1);
    for (const server of servers.splice(1)) server.close();
    await expect.poll(() => table("/proc/net/tcp", last)).toEqual([]);
    expect(own()).toEqual([`127.0.0.1:${port}`]);
    const sixth = await listen("::1");
    expect(table("/proc/net/tcp6", sixth)).toMatchObject([{ address: "::1", port: sixth }]);
    expect(table("/proc/net/tcp", sixth)).toEqual([]);
  },
);
