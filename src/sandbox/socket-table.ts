import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";

/** A socket in state LISTEN, as /proc/net/tcp and tcp6 list it. */
export interface ListeningSocket {
  /** `127.0.0.1`, `0.0.0.0`, `::1`, `::ffff:127.0.0.1`, … */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** The kernel gives no more at once. */
const chunkBytes = 4096;
/** About two lines. */
const smallChunkBytes = 300;
/** Longer than any line of either table. */
const lineBytes = 256;

/**
 * The listening sockets of a network namespace. `directory` is `/proc/net` or `/proc/<pid>/net`.
 * The tables list listeners first; behind them the kernel walks its whole hash of connections
 * (2 to 4 ms when it is empty), so reading stops at the first line of another state, and the table
 * of IPv6, where nothing may follow the listeners, is left out when that of IPv4 has every socket
 * that is `wanted`, by inode.
 */
export async function readListeningSockets(
  directory: string,
  wanted?: ReadonlyMap<string, unknown>,
): Promise<ListeningSocket[]> {
  const sockets = parseListenLines(await readListenLines(`${directory}/tcp`));
  if (wanted !== undefined && hasAll(sockets, wanted)) return sockets;
  return [...sockets, ...parseListenLines(await readListenLines(`${directory}/tcp6`))];
}

/** Who listens on a port right now, by one table (`/proc/net/tcp` or `tcp6`). */
export type PortTable = (path: string, port: number) => ListeningSocket[];

/**
 * Reads without giving way: what is asked right after a connection must be of that moment. Small reads end
 * before the walk through the connections, of which the one that was just made is met early (60 µs where
 * reading on takes 4 ms); large ones take what listened last time.
 */
export function createPortTable(): PortTable {
  const listening = new Map<string, number>();
  const chunk = Buffer.allocUnsafe(chunkBytes);
  return (path, port) => {
    const file = openSync(path, "r");
    let text = "";
    try {
      for (;;) {
        const known = (listening.get(path) ?? 0) - smallChunkBytes - text.length;
        const bytesRead = readSync(file, chunk, 0, Math.min(chunkBytes, Math.max(smallChunkBytes, known)), null);
        text += chunk.toString("latin1", 0, bytesRead);
        if (bytesRead === 0 || endsBeyondListening(text)) break;
      }
    } finally {
      closeSync(file);
    }
    const lines = text.split("\n").filter((line) => line.includes(" 0A "));
    listening.set(
      path,
      lines.reduce((sum, line) => sum + line.length + 1, 0),
    );
    const printed = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
    const onPort = parseListenLines(lines.filter((line) => line.includes(printed)).join("\n"));
    return onPort.filter((socket) => socket.port === port);
  };
}

/** Wildcard and mapped addresses are dialled on loopback, in the family of the listener. */
export function dialAddress(address: string): string {
  if (address === "0.0.0.0" || address === "::ffff:0.0.0.0") return "127.0.0.1";
  if (address === "::") return "::1";
  return address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}

/** Inodes are unique within a table. */
function hasAll(sockets: readonly ListeningSocket[], wanted: ReadonlyMap<string, unknown>): boolean {
  return sockets.filter(({ inode }) => wanted.has(inode)).length === wanted.size;
}

async function readListenLines(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  // no table: the process ended, or the host has no IPv6
  if (!file) return "";
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let text = "";
  try {
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunkBytes, null);
      text += chunk.toString("latin1", 0, bytesRead);
      // a chunk with room for another line was the last
      if (bytesRead < chunkBytes - lineBytes || !endsListening(text)) return text;
    }
  } finally {
    await file.close();
  }
}

function endsListening(text: string): boolean {
  const end = text.lastIndexOf("\n");
  const line = text.slice(text.lastIndexOf("\n", end - 1) + 1, end);
  return isListening(line.trim().split(/\s+/));
}

/** The last whole line is of another state. The heading, the first one, has none. */
function endsBeyondListening(text: string): boolean {
  return text.indexOf("\n") !== text.lastIndexOf("\n") && !endsListening(text);
}

function isListening(fields: readonly string[]): boolean {
  return fields[3] === "0A";
}

/** Lines that are not of a listening socket, the heading among them, are left out. */
export function parseListenLines(text: string): ListeningSocket[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [, local] = fields;
    const inode = fields[9];
    if (!isListening(fields) || !local || !inode) return [];
    const [address = "", port = ""] = local.split(":");
    return [{ address: parseAddress(address), port: Number.parseInt(port, 16), inode }];
  });
}

/** Addresses are printed as native 32-bit words; every platform that we run on is little-endian. */
function parseAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).toReversed(),
  );
  return bytes.length === 4 ? bytes.join(".") : printIpv6(bytes);
}

function printIpv6(bytes: readonly number[]): string {
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return `::ffff:${bytes.slice(12).join(".")}`;
  const words = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16));
  return new URL(`http://[${words.join(":")}]`).hostname.slice(1, -1);
}
