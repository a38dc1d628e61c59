/** Control characters, line separators, and marks that reverse the text behind them. */
const disorderly = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/**
 * Text that a project chose (a file name, a field, a command) as it may stand in a sentence of ours:
 * one line, of a bounded length. It says no less for that, but cannot pass for a message of its own.
 */
export function oneLine(text: string, most = 500): string {
  const line = text.replace(disorderly, " ");
  return line.length <= most ? line : `${line.slice(0, most).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** The same in quotes, for a single name. */
export function quoted(name: string, most = 100): string {
  return JSON.stringify(oneLine(name, most));
}
