/**
 * Judges the Host and Origin of a request to the control listener, before anything else looks at it.
 *
 * Threats: a web page that makes its own name resolve to this machine (DNS rebinding: the Host is
 * foreign), and a web page that calls a loopback address directly (the Origin is foreign). A dev
 * server's page is such a page too: it runs on localhost, but on another port.
 */
export interface GuardSettings {
  /** Address that the listener binds. A wildcard address is no name and opens nothing. */
  readonly boundHost: string;
  /** Further names under which the listener may be addressed. */
  readonly controlNames: readonly string[];
  /** Origins of web pages that may call the listener, e.g. `https://ide.example.com`. */
  readonly allowedOrigins: readonly string[];
}

export interface GuardedHeaders {
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** Why a request is refused, or undefined when it may pass. */
export type RefusalReason = "foreign_host" | "foreign_origin";
export type JudgeRequest = (headers: GuardedHeaders) => RefusalReason | undefined;

const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];
const wildcardAddresses = new Set(["0.0.0.0", "::", "[::]", "*", ""]);

export function createRequestGuard(settings: GuardSettings): JudgeRequest {
  const bound = wildcardAddresses.has(settings.boundHost) ? [] : [settings.boundHost];
  const names = new Set([...loopbackNames, ...[...bound, ...settings.controlNames].map(canonicalName)]);
  const origins = new Set(settings.allowedOrigins.map((origin) => parseOrigin(origin)?.origin ?? origin));
  return ({ host, origin }) => {
    const target = host === undefined ? undefined : parseHost(host);
    if (target === undefined || !names.has(target.name)) return "foreign_host";
    if (origin === undefined) return undefined;
    const from = parseOrigin(origin);
    if (from === undefined) return "foreign_origin";
    return origins.has(from.origin) || isSameOrigin(from, target) ? undefined : "foreign_origin";
  };
}

interface HostAndPort {
  readonly name: string;
  /** Empty when the header names none. */
  readonly port: string;
}

function parseHost(header: string): HostAndPort | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?$/i.exec(header);
  return match?.[1] === undefined ? undefined : { name: canonicalName(match[1]), port: match[2] ?? "" };
}

/** `null`, several origins, a path or any scheme but http(s) is no origin. */
function parseOrigin(header: string): URL | undefined {
  if (!/^https?:\/\/[^/?#@\s]+$/i.test(header) || !URL.canParse(header)) return undefined;
  return new URL(header);
}

/** The page came from this very listener. Its scheme is not compared: TLS may end in front of us. */
function isSameOrigin(origin: URL, target: HostAndPort): boolean {
  const defaultPort = origin.protocol === "https:" ? "443" : "80";
  const port = (text: string) => (text === "" ? defaultPort : text);
  return canonicalName(origin.hostname) === target.name && port(origin.port) === port(target.port);
}

/** Lower case, without the root dot, an IPv6 address in brackets. */
function canonicalName(name: string): string {
  const lower = name.toLowerCase().replace(/\.$/, "");
  return lower.includes(":") && !lower.startsWith("[") ? `[${lower}]` : lower;
}
