import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { isPublicAddress } from "./public-address.ts";

/** Where a connection of a page may go. */
export type Reach =
  | { readonly kind: "gateway" }
  | { readonly kind: "internet"; readonly address: string; readonly port: number }
  | { readonly kind: "refused"; readonly reason: string };

export interface ReachRules {
  /** Hosts below this domain at this port are previews: the gateway, and nothing else, answers for them. */
  readonly previews: { readonly domain: string; readonly port: number };
  /** Ports of the plane's own listeners: refused at every address, as one of them may lead back here. */
  readonly deniedPorts: readonly number[];
  /** Every address of a name; replaced in tests. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
  /** Addresses of this host; replaced in tests. */
  readonly ownAddresses?: () => readonly string[];
}

/**
 * Decides for each connection that a page wants. Threat: a page (or what it loads) uses the browser
 * to reach what only this host reaches: the control listener, databases, cloud metadata, a router.
 * Invariant: the address that was judged is the address that is dialled, so that a name cannot change
 * in between; one address of a name that is not public refuses all of them.
 */
export function createReach(rules: ReachRules): (host: string, port: number) => Promise<Reach> {
  const resolve = rules.resolve ?? resolveName;
  const ownAddresses = rules.ownAddresses ?? addressesOfThisHost;
  return async (written, port) => {
    const host = bare(written);
    if (isPreview(host, port, rules.previews)) return { kind: "gateway" };
    if (rules.deniedPorts.includes(port)) return refused("a port of the plane itself");
    if (host === "localhost" || host.endsWith(".localhost")) return refused("a loopback name");
    const addresses = isIP(host) === 0 ? await resolve(host) : [host];
    const [address] = addresses;
    if (address === undefined) return refused("the name is not known to public DNS");
    if (!addresses.every(isPublicAddress)) return refused("not a public address");
    const own = ownAddresses();
    if (addresses.some((each) => own.includes(each))) return refused("an address of the plane's host");
    return { kind: "internet", address, port };
  };
}

function isPreview(host: string, port: number, previews: ReachRules["previews"]): boolean {
  return port === previews.port && host.endsWith(`.${previews.domain}`);
}

/** Lower case, without the dot of an absolute name and the brackets of an IPv6 address. */
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

function refused(reason: string): Reach {
  return { kind: "refused", reason };
}

/**
 * By DNS alone: names of /etc/hosts are this host's own. Not through `lookup`, whose threads the
 * whole process shares and a page could keep busy.
 */
async function resolveName(name: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
}

function addressesOfThisHost(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
}
