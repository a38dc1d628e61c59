/** One word of a command; `value` is absent where the shell would expand it (`$PORT`, a glob). */
export interface ShellWord {
  readonly text: string;
  readonly value?: string;
}

/** `NAME=value … program argument …`; words include the program. */
export interface SimpleCommand {
  readonly assignments: readonly ShellWord[];
  readonly words: readonly ShellWord[];
}

const reserved = new Set(["if", "for", "while", "until", "case", "function", "select", "{", "!", "[["]);
const operators = ["&&", "||", ";", "|", "&", "\n"];

/**
 * Splits a shell command line into the simple commands that its operators join, in order.
 * `undefined` where text added at the end might not become arguments of the last command: redirections,
 * groups, substitutions, comments, keywords, a trailing operator, unbalanced quotes.
 */
export function parseShellLine(line: string): readonly SimpleCommand[] | undefined {
  const commands: ShellWord[][] = [[]];
  let rest = line.trim();
  while (rest !== "") {
    const operator = operators.find((candidate) => rest.startsWith(candidate));
    const word = operator === undefined ? readWord(rest) : undefined;
    if (operator !== undefined) commands.push([]);
    else if (word !== undefined) commands.at(-1)?.push(word);
    else return undefined;
    rest = rest.slice((operator ?? word?.text ?? "").length).replace(/^(?:[ \t\r]|\\\n)+/, "");
  }
  const parsed = commands.map(simpleCommand);
  return parsed.every((command) => command !== undefined) ? parsed : undefined;
}

function simpleCommand(words: readonly ShellWord[]): SimpleCommand | undefined {
  const first = words.findIndex(({ text }) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(text));
  if (first === -1 || reserved.has(words[first]?.text ?? "")) return undefined;
  return { assignments: words.slice(0, first), words: words.slice(first) };
}

/** What one word can be made of; anything else that is special to the shell ends the parse. */
const pieces: readonly { readonly pattern: RegExp; readonly value?: (matched: string) => string }[] = [
  { pattern: /^[^\s'"\\$`&|;<>()#*?[]+/, value: (text) => text },
  { pattern: /^'[^']*'/, value: (text) => text.slice(1, -1) },
  { pattern: /^"(?:[^"\\$`]|\\[^\n])*"/, value: (text) => text.slice(1, -1).replace(/\\(["\\$`])/g, "$1") },
  { pattern: /^\\[^\n]/, value: (text) => text.slice(1) },
  { pattern: /^"(?:[^"\\$`]|\\[^\n]|\$(?!\())*"/ },
  { pattern: /^\$(?:[A-Za-z_]\w*|\{[^}`$]*\}|[0-9#?$@*!-])/ },
  { pattern: /^[*?[]/ },
];

function readWord(line: string): ShellWord | undefined {
  if (line.startsWith("#")) return undefined;
  let text = "";
  let value: string | undefined = "";
  while (text.length < line.length && !/^[\s&|;]/.test(line.slice(text.length))) {
    const rest = line.slice(text.length);
    // inside a word # is an ordinary character
    const piece = rest.startsWith("#") ? { matched: "#", value: "#" } : readPiece(rest);
    if (piece === undefined) return undefined;
    text += piece.matched;
    value = value === undefined || piece.value === undefined ? undefined : value + piece.value;
  }
  return value === undefined ? { text } : { text, value };
}

function readPiece(rest: string): { matched: string; value?: string } | undefined {
  for (const { pattern, value } of pieces) {
    const matched = pattern.exec(rest)?.[0];
    if (matched !== undefined) return value === undefined ? { matched } : { matched, value: value(matched) };
  }
  return undefined;
}
