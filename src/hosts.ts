import { isIP } from "node:net";

/** A host name or address, bare, that leads nowhere but to this host. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The address at which a listener bound to all interfaces is reached from this host. */
export function dialable(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}

/** As a host is written in a URL. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

export interface Network {
  readonly address: string;
  /** Bits that its addresses have in common. */
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

/** An address, or a network like `10.0.0.0/8`; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  return family === 0 || prefix > most ? undefined : { address, prefix, family: family === 6 ? "ipv6" : "ipv4" };
}
