/**
 * The one list of what must never be shown: applied to log lines of dev servers before a caller
 * sees them, and to whatever text of ours may hold a host name of a signed link.
 */
const patterns: readonly (readonly [RegExp, string])[] = [
  // a signed link's host label: the token is a capability
  [/\b([1-9][0-9]{0,4})-[a-z2-7]{48}\b/gi, "$1-[redacted]"],
  [/\b(authorization\s*[:=]\s*(?:bearer|basic)\s+)[^\s"',;]+/gi, "$1[redacted]"],
  [/\b(bearer\s+)[A-Za-z0-9._~+/=-]{16,}/gi, "$1[redacted]"],
  // user:password@ in a URL
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:)[^\s@/]+@/gi, "$1[redacted]@"],
  // KEY=value and "key": "value" with a secret-looking name
  [
    /\b([A-Z0-9_]*(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_KEY|CREDENTIALS?)[A-Z0-9_]*"?\s*[=:]\s*)("?)[^\s"']{4,}\2/gi,
    "$1[redacted]",
  ],
  [/\b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,}\b/g, "[redacted]"],
  [/\bgh[pousr]_[A-Za-z0-9]{20,}\b/g, "[redacted]"],
  [/\bAKIA[0-9A-Z]{16}\b/g, "[redacted]"],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\b/g, "[redacted]"],
];

/** Text without the secrets that can be told by their shape, and without the given values. */
export function redact(text: string, secrets: Iterable<string> = []): string {
  let shown = text;
  for (const secret of secrets) {
    if (secret.length >= 6) shown = shown.replaceAll(secret, "[redacted]");
  }
  for (const [pattern, replacement] of patterns) shown = shown.replace(pattern, replacement);
  return shown;
}
