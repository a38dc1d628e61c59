export interface Admission {
  /** Source expression of our inline script: `'sha256-…'`. */
  readonly scriptHash: string;
  /** Where the page's sockets go: `wss://<host>`. */
  readonly socketOrigin: string;
}

interface Directive {
  readonly name: string;
  readonly sources: readonly string[];
}

/**
 * Lets our script and the sockets that it moves through the policies of one header, and nothing else.
 *
 * A policy that allows all inline scripts is not given a hash: a hash would end that. One that restricts
 * scripts or connections by `default-src` alone gets a directive of its own with the same sources, so
 * that styles and the rest see no change. Sockets are allowed only where the app allowed them for the
 * page's own or a loopback address, which is what our origin stands for; not every browser takes `'self'`
 * to mean sockets too.
 */
export function admitToPolicies(header: string, admission: Admission): string {
  return header
    .split(",")
    .map((policy) => admitToPolicy(policy, admission))
    .join(",");
}

function admitToPolicy(policy: string, { scriptHash, socketOrigin }: Admission): string {
  const directives = policy.split(";").map(parseDirective);
  const scripts = firstOf(directives, ["script-src-elem", "script-src", "default-src"]);
  const connections = firstOf(directives, ["connect-src", "default-src"]);
  let text = policy;
  if (scripts !== undefined && !allowsInline(scripts)) text = addSource(text, scripts, ["script-src", scriptHash]);
  if (connections !== undefined && connections.sources.some(isOwnAddress))
    text = addSource(text, connections, ["connect-src", socketOrigin]);
  return text;
}

function parseDirective(text: string): Directive {
  const [name = "", ...sources] = text.trim().split(/[\t\n\f\r ]+/);
  return { name: name.toLowerCase(), sources };
}

/** Of equal names in one policy the first counts. */
function firstOf(directives: readonly Directive[], names: readonly string[]): Directive | undefined {
  for (const name of names) {
    const found = directives.find((directive) => directive.name === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** CSP 3, 6.7.3.2, "Does a source list allow all inline behavior for type": script. */
function allowsInline({ sources }: Directive): boolean {
  if (sources.some((source) => /^'(?:nonce-|sha(?:256|384|512)-|strict-dynamic'$)/i.test(source))) return false;
  return sources.some((source) => source.toLowerCase() === "'unsafe-inline'");
}

function isOwnAddress(source: string): boolean {
  return /^(?:'self'$|(?:(?:wss?|https?):\/\/)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?=[:/]|$))/i.test(source);
}

function addSource(policy: string, to: Directive, [fallback, source]: readonly [string, string]): string {
  // beside another source `'none'` means nothing, and browsers complain about it
  const sources = [...to.sources.filter((present) => present.toLowerCase() !== "'none'"), source].join(" ");
  if (to.name === "default-src") return `${policy}; ${fallback} ${sources}`;
  let added = false;
  const replace = (text: string) => {
    if (added || parseDirective(text).name !== to.name) return text;
    added = true;
    return `${/^\s*\S+/.exec(text)?.[0] ?? ""} ${sources}`;
  };
  return policy.split(";").map(replace).join(";");
}
