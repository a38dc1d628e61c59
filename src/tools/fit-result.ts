import type { ToolResult } from "./define-tool.ts";

/** Bytes of one encoded result, `content` and `structuredContent` together: clients put longer ones aside. */
export const maxResultBytes = 10_000;
/** Characters of a log line, command, directory or message, once a result is too long. */
const longText = 1000;
/** The same, once dropping log lines did not help. */
const shortText = 300;

type Fields = Readonly<Record<string, unknown>>;
type Shorten = (fields: Fields, fits: (fields: Fields) => boolean) => Fields;

const logFields: ReadonlySet<string> = new Set(["logTail", "lines"]);
/** Texts that stay useful without their end. */
const cuttable: ReadonlySet<string> = new Set([...logFields, "command", "repoDir", "message"]);

/**
 * The result of a handler's output, shortened until it fits: single texts of absurd length are
 * cut, then the oldest log lines go, and at last the last rows of a list, which `omitted` counts.
 * What a caller acts on (state, URL, port, next) is never touched.
 */
export function fitResult(output: Fields, resultOf: (fields: Fields) => ToolResult): ToolResult {
  const fits = (fields: Fields) => bytesOf(resultOf(fields)) <= maxResultBytes;
  let fields = output;
  for (const shorten of [cutTexts(longText), dropOldestLines, cutTexts(shortText), dropLastRows]) {
    if (fits(fields)) break;
    fields = shorten(fields, fits);
  }
  return resultOf(fields);
}

/** Bytes that a log line takes in a result: once as itself and once inside the JSON text. */
export function bytesOfLine(line: string): number {
  const encoded = JSON.stringify(cut(line, longText));
  return Buffer.byteLength(encoded) + Buffer.byteLength(JSON.stringify(encoded));
}

function bytesOf({ structuredContent, text }: ToolResult): number {
  return Buffer.byteLength(JSON.stringify({ content: [{ type: "text", text }], structuredContent }));
}

const dropOldestLines: Shorten = (fields, fits) => {
  let shorter = fields;
  for (const [name, lines] of linesOf(fields)) {
    const kept = mostThat((count) => fits({ ...shorter, [name]: newest(lines, count) }), lines.length);
    shorter = { ...shorter, [name]: newest(lines, kept) };
  }
  return shorter;
};

function cutTexts(length: number): (fields: Fields) => Fields {
  return (fields) =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cutValue(name, value, length)]));
}

function cutValue(name: string, value: unknown, length: number): unknown {
  if (typeof value === "string") return cuttable.has(name) ? cut(value, length) : value;
  if (Array.isArray(value)) return value.map((item) => cutValue(name, item, length));
  return isFields(value) ? cutTexts(length)(value) : value;
}

const dropLastRows: Shorten = (fields, fits) => {
  const rows: unknown = fields["previews"];
  if (!Array.isArray(rows)) return fields;
  const shortened = (count: number) => ({ ...fields, previews: rows.slice(0, count), omitted: rows.length - count });
  return shortened(mostThat((count) => fits(shortened(count)), rows.length));
};

function linesOf(fields: Fields): [string, readonly unknown[]][] {
  return Object.entries(fields).flatMap(([name, value]): [string, readonly unknown[]][] =>
    logFields.has(name) && Array.isArray(value) ? [[name, value]] : [],
  );
}

function newest(lines: readonly unknown[], count: number): unknown[] {
  return lines.slice(lines.length - count);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
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
