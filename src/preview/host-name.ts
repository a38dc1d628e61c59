/**
 * The host names of previews, printed and parsed from one template:
 *
 *     {port}-{token}.<domain>      signed link
 *
 * The first label is one DNS label of at most 63 characters, lower case. A name is only parsed
 * here; whether its token holds is `token.ts`'s question and whether it is live the route table's.
 */
export interface SignedHost {
  readonly port: number;
  readonly token: string;
}

const maxLabel = 63;

export function printSignedHost(host: SignedHost, domain: string): string {
  const label = `${host.port}-${host.token}`;
  if (label.length > maxLabel)
    throw new RangeError(`host label has ${label.length} characters, at most ${maxLabel} fit`);
  return `${label}.${domain}`;
}

/**
 * Parses the value of a Host header (a port after `:` and one trailing dot are allowed).
 * Returns undefined for every name that is not exactly one label under `domain`.
 */
export function parseSignedHost(header: string, domain: string): SignedHost | undefined {
  const name = hostWithoutPort(header);
  if (name === undefined) return undefined;
  const labelLength = name.length - domain.length - 1;
  if (labelLength < 3 || labelLength > maxLabel) return undefined;
  if (!name.endsWith(domain) || name.charCodeAt(labelLength) !== dot) return undefined;
  return parseLabel(name.slice(0, labelLength));
}

const dot = 0x2e;

function hostWithoutPort(header: string): string | undefined {
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
