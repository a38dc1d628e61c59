/**
 * Looks header names up without regard to case. Most names that pass through are not in a table, and
 * length and first character tell that without lower-casing them.
 */
export function createNameTable<Kind extends string>(
  names: Readonly<Record<string, Kind>>,
): (name: string) => Kind | undefined {
  const kinds = new Map(Object.entries(names));
  const firstLetters: number[] = Array.from({ length: longestName + 1 }, () => 0);
  for (const name of kinds.keys()) firstLetters[name.length] = (firstLetters[name.length] ?? 0) | letterBit(name);
  return (name) => {
    const letters = firstLetters[name.length];
    if (letters === undefined || (letters & letterBit(name)) === 0) return undefined;
    return kinds.get(name.toLowerCase());
  };
}

const longestName = 40;

/** The low five bits of a letter are the same in both cases. */
function letterBit(name: string): number {
  return 1 << (name.charCodeAt(0) & 31);
}

/**
 * The first value under a name (lower case) among alternating names and values. Of a request it is looked for here:
 * who asks Node for one header pays for the parsing of all.
 */
export function findHeader(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const present = headers[at];
    if (present?.length === name.length && present.toLowerCase() === name) return headers[at + 1];
  }
  return undefined;
}

/**
 * True for names like `X-Forwarded-…`, whatever their case; `prefix` is lower case and starts with
 * `x-`. Servers that hand headers on as variables (CGI, WSGI, PHP) cannot tell `_` from `-`.
 */
export function hasPrefix(name: string, prefix: string): boolean {
  if (name.length < prefix.length || (name.charCodeAt(0) | 0x20) !== 0x78) return false;
  if (name.charCodeAt(1) !== 0x2d && name.charCodeAt(1) !== 0x5f) return false;
  return dashed(name.slice(0, prefix.length).toLowerCase()) === prefix;
}

export function dashed(name: string): string {
  return name.replaceAll("_", "-");
}

/** Never removed at the wish of a Connection header: they say where a message goes and where it ends. */
const unremovable = new Set(["host", "content-length", "transfer-encoding", "close", "keep-alive"]);

/** What almost every Connection header says: it is not taken apart each time. */
const usual = "keep-alive";

/** Lower-case header names that a Connection header declares to be meant for this hop only. */
export function connectionNames(value: string): ReadonlySet<string> | undefined {
  if (value === usual) return undefined;
  let names: Set<string> | undefined;
  for (const part of value.split(",")) {
    const name = part.trim().toLowerCase();
    if (name !== "" && !unremovable.has(name)) (names ??= new Set()).add(name);
  }
  return names;
}

export function hasToken(value: string | undefined, token: string): boolean {
  if (value === undefined) return false;
  if (value === usual) return token === usual;
  return value.split(",").some((part) => part.trim().toLowerCase() === token);
}
