/** Longest line that is ever shown, in UTF-16 code units. */
export const maxLineCharacters = 2_000;

/** OSC (titles, hyperlinks) and the other string sequences, when they end on this line. */
const stringSequence = /\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)/g;
/** CSI: colours, cursor movement, erasing. */
const controlSequence = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]/g;
/** What remains of escape sequences: two or three characters, or one that was cut. */
const otherSequence = /\x1b[ -/]*[0-~]?/g;
/** C0 but tab, DEL, C1, and what would break or reverse a line of ours. */
const controlCharacter = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * One line of a dev server's output as text: without escape sequences and control characters, cut
 * to 2,000 characters. Of a line that was redrawn in place (`10 %\r20 %`), the last drawing.
 */
export function plainLine(raw: string): string {
  const plain = raw.replace(stringSequence, "").replace(controlSequence, "").replace(otherSequence, "");
  return cut(lastDrawing(plain).replace(controlCharacter, ""));
}

function lastDrawing(line: string): string {
  const drawings = line.split("\r");
  return drawings.findLast((drawing) => drawing !== "") ?? "";
}

function cut(line: string): string {
  if (line.length <= maxLineCharacters) return line;
  // half of a surrogate pair is not a character
  return line.slice(0, maxLineCharacters).replace(/[\ud800-\udbff]$/, "");
}
