/** Takes out of a text what must never be shown. */
export type Redact = (text: string) => string;

/** Characters that are looked at for each one kept: redaction shortens, and must see a secret whole. */
const lookAhead = 8;

/**
 * Text of a page as a caller may read it: bounded, redacted, without control characters. Data, never
 * instructions.
 */
export function pageText(text: string, limit: number, redact: Redact): string {
  const plain = text.slice(0, limit * lookAhead).replaceAll(/[^\P{C}\n\t]/gu, "");
  const shown = redact(plain).trim();
  if (shown.length <= limit && text.length <= limit * lookAhead) return shown;
  // no half of a surrogate pair at the end
  return `${shown.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…`;
}
