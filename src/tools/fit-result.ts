import type { ToolResult } from "./define-tool.ts";

/** Bytes of one encoded result, `content` and `structuredContent` together: clients put longer ones aside. */
export const maxResultBytes = 10_000;
/** Characters of a log line, once a result is too long. */
const maxLineLength = 1000;
/** Characters of a command, directory or message, once dropping lines did not help. */
const maxTextLength = 300;

type Fields = Readonly<Record<string, unknown>>;
type Shorten = (fields: Fields, fits: (fields: Fields) => boolean) => Fields;

const logFields = ["logTail", "lines"] as const;

/**
 * The result of a handler's output, shortened until it fits: the oldest log lines go first, then
 * the ends of long texts, then the last rows of a list, which `omitted` counts. What a caller acts
 * on (state, URL, port, next) is never touched.
 */
export function fitResult(output: Fields, resultOf: (fields: Fields) => ToolResult): ToolResult {
  const fits = (fields: Fields) => bytesOf(resultOf(fields)) <= maxResultBytes;
  let fields = output;
  for (const shorten of [cutLongLines, dropOldestLines, cutTexts, dropLastRows]) {
    if (fits(fields)) break;
    fields = shorten(fields, fits);
  }
  return resultOf(fields);
}

/** Bytes that a log line takes in a result: once as itself and once inside the JSON text. */
export function bytesOfLine(line: string): number {
  const encoded = JSON.stringify(cut(line, maxLineLength));
  return Buffer.byteLength(encoded) + Buffer.byteLength(JSON.stringify(encoded));
}

function bytesOf({ structuredContent, text }: ToolResult): number {
  return Buffer.byteLength(JSON.stringify({ content: [{ type: "text", text }], structuredContent }));
}

const cutLongLines: Shorten = (fields) => ({
  ...fields,
  ...Object.fromEntries(linesOf(fields).map(([name, lines]) => [name, lines.map((line) => cut(line, maxLineLength))])),
});

const dropOldestLines: Shorten = (fields, fits) => {
  let shorter = fields;
  for (const [name, lines] of linesOf(fields)) {
    const kept = mostThat((count) => fits({ ...shorter, [name]: newest(lines, count) }), lines.length);
    shorter = { ...shorter, [name]: newest(lines, kept) };
  }
  return shorter;
};

const cutTexts: Shorten = (fields) => ({
  ...fields,
  ...(typeof fields["command"] === "string" && { command: cut(fields["command"], maxTextLength) }),
  ...(typeof fields["repoDir"] === "string" && { repoDir: cut(fields["repoDir"], maxTextLength) }),
  ...(Array.isArray(fields["problems"]) && { problems: fields["problems"].map(cutMessage) }),
  ...(Array.isArray(fields["previews"]) && { previews: fields["previews"].map((row) => cutTexts(row, () => true)) }),
});

const dropLastRows: Shorten = (fields, fits) => {
  const rows: unknown = fields["previews"];
  if (!Array.isArray(rows)) return fields;
  const shortened = (count: number) => ({ ...fields, previews: rows.slice(0, count), omitted: rows.length - count });
  return shortened(mostThat((count) => fits(shortened(count)), rows.length));
};

function linesOf(fields: Fields): [string, string[]][] {
  return logFields.flatMap((name) => {
    const lines = fields[name];
    return Array.isArray(lines) ? [[name, lines.filter((line) => typeof line === "string")] as [string, string[]]] : [];
  });
}

function newest(lines: readonly string[], count: number): string[] {
  return lines.slice(lines.length - count);
}

function cutMessage(problem: unknown): unknown {
  if (typeof problem !== "object" || problem === null || !("message" in problem)) return problem;
  return { ...problem, message: cut(String(problem.message), maxTextLength) };
}

function cut(text: string, length: number): string {
  // no half of a surrogate pair at the end
  return text.length <= length ? text : `${text.slice(0, length).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** Greatest count up to `limit` that holds, given that a smaller count holds when a greater does; 0 if none. */
function mostThat(holds: (count: number) => boolean, limit: number): number {
  let low = 0;
  let high = limit;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
