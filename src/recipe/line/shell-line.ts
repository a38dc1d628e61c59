import { shellWord } from "../../shell-word.ts";

/** One word of a command; `value` is absent where the shell would expand it (`$PORT`, a glob). */
export interface ShellWord {
  readonly text: string;
  readonly value?: string;
}

/** `NAME=value … program argument …`; words include the program. A group `(a; b)` is one word. Redirections are printed last. */
export interface SimpleCommand {
  readonly assignments: readonly ShellWord[];
  readonly words: readonly ShellWord[];
  readonly redirections: readonly string[];
}

/** Simple commands and what stands between them: one operator fewer than commands. */
export interface ShellLine {
  readonly commands: readonly SimpleCommand[];
  readonly operators: readonly string[];
}

const reserved = new Set(["if", "for", "while", "until", "case", "function", "select", "{", "!", "[["]);
const operators = ["&&", "||", ";", "|", "&", "\n"];
const redirection = /^\d*(?:>&|<&|>>|>\||>|<)[ \t]*[\w./~-]+(?=[\s&|;]|$)/;

/** No script that a person wrote; reading one takes more than its length. */
const longestLine = 16_384;

/**
 * Splits a shell command line into the simple commands that its operators join, in order.
 * `undefined` where a command's words cannot be told by reading it: substitutions, comments, keywords,
 * here documents, a trailing operator, unbalanced quotes, and one of absurd length.
 */
export function parseShellLine(line: string): ShellLine | undefined {
  if (line.length > longestLine) return undefined;
  const commands: Token[][] = [[]];
  const found: string[] = [];
  let rest = line.trim();
  while (rest !== "") {
    const token = readToken(rest);
    if (token === undefined) return undefined;
    if (token.kind === "operator") {
      commands.push([]);
      found.push(token.text);
    } else commands.at(-1)?.push(token);
    rest = rest.slice(token.text.length).replace(/^(?:[ \t\r]|\\\n)+/, "");
  }
  const parsed = commands.map(simpleCommand);
  return parsed.every((command) => command !== undefined) ? { commands: parsed, operators: found } : undefined;
}

/** The only command of a line, if assignments can stand in front of it; `undefined` for a group, and for several. */
export function onlyCommand(line: ShellLine | undefined): SimpleCommand | undefined {
  const [command, ...others] = line?.commands ?? [];
  return command === undefined || others.length > 0 || groupIn(command) !== undefined ? undefined : command;
}

/** The line inside of a group `(…)`. */
export function groupIn({ words }: SimpleCommand): string | undefined {
  return words[0]?.text.startsWith("(") === true ? words[0].text.slice(1, -1) : undefined;
}

export function printShellLine({ commands, operators: between }: ShellLine): string {
  return commands.map((command, index) => `${joint(between[index - 1])}${printCommand(command)}`).join("");
}

export function printCommand({ assignments, words, redirections }: SimpleCommand): string {
  return [...[...assignments, ...words].map(({ text }) => text), ...redirections].join(" ");
}

/** One word that the shell takes literally. */
export function quoted(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : shellWord(text);
}

/** The command that goes to a directory, relative to this one; `-` would be the one before, and `-x` an option. */
export function changeTo(directory: string): string {
  return `cd ${quoted(directory.startsWith("-") ? `./${directory}` : directory)}`;
}

/** What stands between two commands: `a; b`, `a && b`. */
export function joint(operator: string | undefined): string {
  if (operator === undefined) return "";
  if (operator === "\n") return "\n";
  return operator === ";" ? "; " : ` ${operator} `;
}

type Token =
  | { readonly kind: "operator" | "redirection"; readonly text: string }
  | ({ readonly kind: "word" } & ShellWord);

function readToken(rest: string): Token | undefined {
  const redirected = redirection.exec(rest)?.[0];
  if (redirected !== undefined) return { kind: "redirection", text: redirected };
  const operator = operators.find((candidate) => rest.startsWith(candidate));
  if (operator !== undefined) return { kind: "operator", text: operator };
  const word = rest.startsWith("(") ? readGroup(rest) : readWord(rest);
  return word === undefined ? undefined : { kind: "word", ...word };
}

/** From its parenthesis to the one that closes it, over quotes and other groups. */
function readGroup(rest: string): ShellWord | undefined {
  let depth = 0;
  for (const { 0: piece, index } of rest.matchAll(/\\[^]|'[^']*'|"(?:[^"\\]|\\[^])*"|[()]/g)) {
    if (piece === "(") depth += 1;
    else if (piece === ")") depth -= 1;
    if (depth === 0) return { text: rest.slice(0, index + 1) };
  }
  return undefined;
}

function simpleCommand(tokens: readonly Token[]): SimpleCommand | undefined {
  const words = tokens.filter((token) => token.kind === "word");
  const redirections = tokens.filter(({ kind }) => kind === "redirection").map(({ text }) => text);
  const first = words.findIndex(({ text }) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(text));
  if (first === -1 || reserved.has(words[first]?.text ?? "")) return undefined;
  if (words.length > 1 && words.some(({ text }) => text.startsWith("("))) return undefined;
  return { assignments: words.slice(0, first), words: words.slice(first), redirections };
}

/** What one word can be made of; anything else that is special to the shell ends the parse. */
const pieces: readonly { readonly pattern: RegExp; readonly value?: (matched: string) => string }[] = [
  { pattern: /^[^\s'"\\$`&|;<>()#*?[]+/, value: (text) => text },
  { pattern: /^'[^']*'/, value: (text) => text.slice(1, -1) },
  {
    pattern: /^"(?:[^"\\$`]|\\[^\n]|\$(?![\w{(#?$@*!-]))*"/,
    value: (text) => text.slice(1, -1).replace(/\\(["\\$`])/g, "$1"),
  },
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
  // a vertical tab or a space of another script ends a word here, and is none of the blanks between words
  if (text === "") return undefined;
  return value === undefined ? { text } : { text, value };
}

function readPiece(rest: string): { matched: string; value?: string } | undefined {
  for (const { pattern, value } of pieces) {
    const matched = pattern.exec(rest)?.[0];
    if (matched !== undefined) return value === undefined ? { matched } : { matched, value: value(matched) };
  }
  return undefined;
}
