import { parseSignedHost } from "../../preview/links/host-name.ts";
import { verifyToken } from "../../preview/links/token.ts";
import { hashOf } from "../../secrets.ts";
import type { SigningKeys } from "../../preview/links/token.ts";

/** How previews are reached from outside. */
export interface PublicAddress {
  /** Domain under which every preview has one label. */
  readonly domain: string;
  readonly scheme: "http" | "https";
  /** Port that browsers see, whatever port the gateway itself listens on. */
  readonly port: number;
}

/** A Host header whose token's MAC holds, and what follows from the name alone. */
export interface PreviewHost {
  readonly linkId: string;
  readonly tokenHash: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly port: number;
  /** Origin under which the browser knows the preview, e.g. `https://5173-….example.com`. */
  readonly publicOrigin: string;
}

/** Verified hosts kept; about 1 KB each. */
const maxRemembered = 10_000;

/**
 * Host header -> verified host, or undefined for a name that is not ours or a token that is forged.
 *
 * Verdicts are remembered, because the MAC is the dearest step of a request. They depend on the keys
 * and the name only, never on a route, so no change of routes can make one stale; whether the link
 * is live is asked anew every time. Refusals are not remembered: a stranger cannot fill the map.
 */
export function createHostVerifier(
  keys: SigningKeys,
  address: PublicAddress,
): (header: string) => PreviewHost | undefined {
  const remembered = new Map<string, PreviewHost>();
  return (header) => {
    const known = remembered.get(header);
    if (known !== undefined) return known;
    const host = verifyHost(header, keys, address);
    if (host === undefined) return undefined;
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(header, host);
    return host;
  };
}

function verifyHost(header: string, keys: SigningKeys, address: PublicAddress): PreviewHost | undefined {
  const signed = parseSignedHost(header, address.domain);
  if (signed === undefined) return undefined;
  const claims = verifyToken(keys, { domain: address.domain, port: signed.port }, signed.token);
  if (claims === undefined) return undefined;
  return {
    linkId: claims.linkId,
    tokenHash: hashOf(signed.token),
    expiresAt: claims.expiresAt,
    port: signed.port,
    publicOrigin: printOrigin(`${signed.port}-${signed.token}.${address.domain}`, address),
  };
}

const defaultPorts = { http: 80, https: 443 } as const;

/** As browsers print it: without the scheme's default port. */
function printOrigin(name: string, { scheme, port }: PublicAddress): string {
  return port === defaultPorts[scheme] ? `${scheme}://${name}` : `${scheme}://${name}:${port}`;
}
