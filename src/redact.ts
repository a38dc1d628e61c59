/** What names a secret; the rest of the name may follow, then `=` or `:`. */
const secretName = String.raw`((?:SECRET|PASSWORD|PASSWD|PASSPHRASE|TOKEN|API_?KEY|PRIVATE_KEY|CREDENTIALS?)[A-Z0-9_]{0,64}(?:\\*["'\x60])?\s*[=:]\s*)`;

/**
 * The one list of what must never be shown: applied to log lines of dev servers before a caller
 * sees them, and to whatever text of ours may hold a host name of a signed link.
 *
 * Every pattern takes time linear in the text: anybody may have chosen it, and it may be long. So a
 * repetition is bounded, or cannot begin again inside of what it just failed on. Quotes stay as
 * they are, so that JSON stays JSON.
 */
const patterns: readonly (readonly [RegExp, string])[] = [
  // the token of a link, in its host label or wherever a visitor put it: it is a capability
  [/\b[a-z2-7]{48}\b/gi, "[redacted]"],
  [/\b(authorization["']?\s*[:=]\s*["']?(?:bearer|basic)\s+)[^\s"',;]+/gi, "$1[redacted]"],
  [/\b(bearer\s+)[A-Za-z0-9._~+/=-]{16,}/gi, "$1[redacted]"],
  // user:password@ in a URL; the password may hold further @
  [/(:\/\/[^\s:/@]*:)[^\s/"'<>]+@/g, "$1[redacted]@"],
  // KEY="value", 'key': 'value', and both escaped in a string; a value that was cut has no end
  [new RegExp(String.raw`${secretName}(\\*["'\x60])(?:(?!\2)(?:\\.|.)){4,}(\2|$)`, "gim"), "$1$2[redacted]$3"],
  [new RegExp(String.raw`${secretName}(?:[^\s"'\x60\\]|\\[^\s"'\x60]){4,}`, "gi"), "$1[redacted]"],
  [/\b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,}\b/g, "[redacted]"],
  [/\bgh[pousr]_[A-Za-z0-9]{20,}\b/g, "[redacted]"],
  [/\b(dpk_[0-9a-f]{16}_)[A-Za-z0-9_-]{43}/g, "$1[redacted]"],
  [/\bAKIA[0-9A-Z]{16}\b/g, "[redacted]"],
  [/(?<![\w-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g, "[redacted]"],
];

/** Shorter values are words like `true` or `3000`, which would blacken everything. */
const leastCharacters = 6;

/** Text without the secrets that can be told by their shape. */
export function redact(text: string): string {
  let shown = text;
  for (const [pattern, replacement] of patterns) shown = shown.replace(pattern, replacement);
  return shown;
}

/** The same, and without the given values; for one text after another. */
export function createRedactor(secrets: Iterable<string>): (text: string) => string {
  const forms = formsOf(secrets);
  return (text) => {
    let shown = text;
    for (const form of forms) shown = withoutCut(shown.replaceAll(form, "[redacted]"), form);
    return redact(shown);
  };
}

/**
 * How a value may appear: as it is, line by line (text is shown in lines), escaped in a string or a
 * URL, or in base64. The longest first: one value may be the beginning of another.
 */
function formsOf(secrets: Iterable<string>): string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    for (const value of [secret, ...secret.split(/[\r\n]+/)]) {
      if (value.trim().length < leastCharacters) continue;
      const base64 = Buffer.from(value).toString("base64").replace(/=+$/, "");
      const plain = value.trim();
      for (const form of [
        plain,
        JSON.stringify(plain).slice(1, -1),
        encodeURIComponent(Buffer.from(plain).toString()),
        base64,
      ])
        forms.add(form);
    }
  }
  return [...forms].toSorted((a, b) => b.length - a.length);
}

/** A line is cut at a bound, which may lie in the middle of a value. */
function withoutCut(text: string, form: string): string {
  const at = text.lastIndexOf(form.slice(0, leastCharacters));
  return at !== -1 && form.startsWith(text.slice(at)) ? `${text.slice(0, at)}[redacted]` : text;
}
