/** Longer ones are nobody's: a file of the project must not be able to keep the plane busy. */
const longestPattern = 300;
const longestText = 2000;

/**
 * Whether a pattern names a text: `*` stands for anything within a part, `**` for anything, a `**`
 * with a separator behind it for any number of whole parts. Takes time in proportion to both
 * lengths, as a regular expression of the same meaning would not.
 */
export function matchesWildcard(text: string, pattern: string, separator: string): boolean {
  if (pattern.length > longestPattern || text.length > longestText) return false;
  // reached[n]: the pattern so far can stand for the first n characters
  let reached: readonly boolean[] = Array.from({ length: text.length + 1 }, (_, length) => length === 0);
  for (const token of tokensOf(pattern, separator)) reached = step(reached, { token, text, separator });
  return reached.at(-1) === true;
}

function tokensOf(pattern: string, separator: string): readonly string[] {
  const tokens: string[] = [];
  for (let at = 0; at < pattern.length; at += tokens.at(-1)?.length ?? 1) {
    const parts = `**${separator}`;
    tokens.push([parts, "**", pattern.charAt(at)].find((token) => pattern.startsWith(token, at)) ?? "");
  }
  return tokens;
}

function step(
  before: readonly boolean[],
  { token, text, separator }: { token: string; text: string; separator: string },
): readonly boolean[] {
  const after: boolean[] = [];
  let begun = false;
  for (let length = 0; length < before.length; length += 1) {
    const last = text.charAt(length - 1);
    const here = before[length] === true;
    const grown = length > 0 && after[length - 1] === true;
    if (token === "**") after.push(here || grown);
    else if (token === "*") after.push(here || (grown && last !== separator));
    else if (token.length > 1) after.push(here || (begun && last === separator));
    else after.push(length > 0 && before[length - 1] === true && last === token);
    begun ||= here;
  }
  return after;
}
