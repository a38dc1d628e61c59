import { isIPv6 } from "node:net";
import type { Socket } from "node:net";
import { readExactly } from "./read-exactly.ts";

export interface SocksRequest {
  /** A name, or an address as text. */
  readonly host: string;
  readonly port: number;
}

const version = 5;
const noAuthentication = 0;
const connect = 1;
const addressTypes = { ipv4: 1, name: 3, ipv6: 4 } as const;

/** RFC 1928, section 6. */
export const socksReplies = { succeeded: 0, failed: 1, notAllowed: 2, unreachable: 4 } as const;

/** Reads greeting and request of a SOCKS 5 client; rejects on anything that is not a CONNECT without authentication. */
export async function readSocksRequest(socket: Socket): Promise<SocksRequest> {
  const [greeting, methods = 0] = await readExactly(socket, 2);
  if (greeting !== version) throw new Error("not SOCKS 5");
  const offered = await readExactly(socket, methods);
  if (!offered.includes(noAuthentication)) throw new Error("only authenticated SOCKS is offered");
  socket.write(Buffer.of(version, noAuthentication));
  const [again, command, , type] = await readExactly(socket, 4);
  if (again !== version || command !== connect) throw new Error("not a CONNECT request");
  const host = await readHost(socket, type);
  const port = (await readExactly(socket, 2)).readUInt16BE();
  return { host, port };
}

export function writeSocksReply(socket: Socket, reply: keyof typeof socksReplies): void {
  // the address that was bound is of no use to a browser: zeros
  socket.write(Buffer.of(version, socksReplies[reply], 0, addressTypes.ipv4, 0, 0, 0, 0, 0, 0));
}

async function readHost(socket: Socket, type: number | undefined): Promise<string> {
  switch (type) {
    case addressTypes.ipv4:
      return (await readExactly(socket, 4)).join(".");
    case addressTypes.ipv6:
      return printIpv6(await readExactly(socket, 16));
    case addressTypes.name: {
      const [length = 0] = await readExactly(socket, 1);
      if (length === 0) throw new Error("an empty name");
      return (await readExactly(socket, length)).toString("latin1");
    }
    case undefined:
    default:
      throw new Error("an unknown type of address");
  }
}

function printIpv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  const text = groups.join(":");
  return isIPv6(text) ? text : "";
}
