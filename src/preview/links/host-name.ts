/**
 * The host names of previews, printed and parsed from one template:
 *
 *     {port}-{token}.<domain>        signed link
 *     {port}-{sandboxId}.<domain>    gated link: behind the login
 *
 * A token has no dash and the id of a sandbox has one, so that no name is both.
 *
 * The first label is one DNS label of at most 63 characters, lower case. A name is only parsed
 * here; whether its token holds is `token.ts`'s question and whether it is live the route table's.
 */
export interface SignedHost {
  readonly port: number;
  readonly token: string;
}

export interface GatedHost {
  readonly port: number;
  readonly sandboxId: string;
}

const maxLabel = 63;

export function printSignedHost(host: SignedHost, domain: string): string {
  return printLabel(`${host.port}-${host.token}`, domain);
}

export function printGatedHost(host: GatedHost, domain: string): string {
  return printLabel(`${host.port}-${host.sandboxId}`, domain);
}

function printLabel(label: string, domain: string): string {
  if (label.length > maxLabel)
    throw new RangeError(`host label has ${label.length} characters, at most ${maxLabel} fit`);
  return `${label}.${domain}`;
}

/**
 * Parses the value of a Host header (a port after `:` and one trailing dot are allowed).
 * Returns undefined for every name that is not exactly one label under `domain`.
 */
export function parseSignedHost(header: string, domain: string): SignedHost | undefined {
  const label = labelUnder(header, domain);
  return label === undefined ? undefined : parseLabel(label);
}

/** The same for a gated host. */
export function parseGatedHost(header: string, domain: string): GatedHost | undefined {
  const label = labelUnder(header, domain);
  return label === undefined ? undefined : parseGatedLabel(label);
}

/** The first label of a gated host alone. */
export function parseGatedLabel(label: string): GatedHost | undefined {
  if (label.length > maxLabel) return undefined;
  const match = /^([1-9][0-9]{0,4})-([a-z0-9]+(?:-[a-z0-9]+)+)$/.exec(label);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const port = Number(match[1]);
  return port <= 65535 ? { port, sandboxId: match[2] } : undefined;
}

function labelUnder(header: string, domain: string): string | undefined {
  const name = hostWithoutPort(header);
  if (name === undefined) return undefined;
  const labelLength = name.length - domain.length - 1;
  if (labelLength < 3 || labelLength > maxLabel) return undefined;
  if (!name.endsWith(domain) || name.charCodeAt(labelLength) !== dot) return undefined;
  return name.slice(0, labelLength);
}

const dot = 0x2e;

/** The value of a Host header without port and trailing dot, lower case; undefined when it is none. */
export function hostWithoutPort(header: string): string | undefined {
  const colon = header.indexOf(":");
  let name = colon === -1 ? header : header.slice(0, colon);
  if (colon !== -1 && !/^[0-9]{1,5}$/.test(header.slice(colon + 1))) return undefined;
  if (name.endsWith(".")) name = name.slice(0, -1);
  return name.toLowerCase();
}

function parseLabel(label: string): SignedHost | undefined {
  const match = /^([1-9][0-9]{0,4})-([a-z2-7]+)$/.exec(label);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const port = Number(match[1]);
  return port <= 65535 ? { port, token: match[2] } : undefined;
}
