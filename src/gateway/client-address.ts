import { BlockList, SocketAddress, isIP } from "node:net";
import type { Socket } from "node:net";
import type { Network } from "../hosts.ts";
import type { ClientRequest } from "./client.ts";

interface Asker {
  readonly request: Pick<ClientRequest, "headers">;
  readonly socket: Pick<Socket, "remoteAddress">;
}

/** Tells whose request it is. Only proxies that the operator named may speak for others: everybody can send the header. */
export interface ClientAddresses {
  /** The address is that of a proxy whose word is taken. */
  isProxy(address: string | undefined): boolean;
  /** Whom a proxy brings, by its X-Forwarded-For; undefined when the request comes by itself. */
  visitorOf(asker: Asker): string | undefined;
}

export function createClientAddresses(proxies: readonly Network[] = []): ClientAddresses {
  const trusted = new BlockList();
  for (const { address, prefix, family } of proxies) trusted.addSubnet(address, prefix, family);
  const isProxy = (address: string | undefined): boolean => {
    const family = proxies.length === 0 || address === undefined ? 0 : isIP(address);
    return family !== 0 && trusted.check(address ?? "", family === 6 ? "ipv6" : "ipv4");
  };
  return {
    isProxy,
    visitorOf({ socket, request }) {
      if (proxies.length === 0 || !isProxy(socket.remoteAddress)) return undefined;
      return farthest(String(request.headers["x-forwarded-for"] ?? ""), isProxy) ?? socket.remoteAddress;
    },
  };
}

/** Each proxy appends whom it saw: from the end, the first that is no proxy of ours, as what stands before is hearsay. */
function farthest(forwardedFor: string, isProxy: (address: string) => boolean): string | undefined {
  let known: string | undefined;
  for (const item of forwardedFor.split(",").toReversed()) {
    const address = withoutPort(item.trim());
    if (isIP(address) === 0) return known;
    known = address;
    if (!isProxy(address)) return known;
  }
  return known;
}

function withoutPort(item: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(item)?.[1] ?? /^([\d.]+):\d+$/.exec(item)?.[1] ?? item;
}

/** What is counted as one address: of IPv6 a /64, the least that one customer is given. */
export function addressKey(address: string): string {
  if (isIP(address) !== 6) return address;
  // one spelling, without the name of a link
  const [plain = ""] = address.split("%", 1);
  const { address: printed } = new SocketAddress({ address: plain, family: "ipv6" });
  const mapped = /^::ffff:([\d.]+)$/.exec(printed)?.[1];
  if (mapped !== undefined) return mapped;
  const [left = [], right = []] = printed.split("::", 2).map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...zeros, ...right].slice(0, 4).join(":");
}
