import { shellWord } from "../shell-word.ts";

/**
 * Words from the command line as one sh command. A single word is a command as it is
 * (`start "npm run dev"`); several are one argument each, quoted where sh would take them apart.
 */
export function quoteArguments(words: readonly string[]): string {
  const [only] = words;
  if (words.length === 1 && only !== undefined) return only;
  return words.map(quote).join(" ");
}

/** `{port}` and `$PORT` stay bare: they are filled in by the plane and by sh. */
function quote(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./{}$-]+$/.test(word)) return word;
  return shellWord(word);
}
