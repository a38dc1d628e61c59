import fc from "fast-check";

/** Of one property; a slow machine sees fewer inputs, never a longer test. */
const usualMs = 3_000;

/** A suite asks the same of every commit; whoever looks for more takes other seeds. */
const seed = process.env["FUZZ_SEED"] ?? "1";
const replay = seed === "random" ? {} : { seed: Number(seed) };

/**
 * Runs a property on as many inputs as fit in a few seconds. What fails is told with its seed and path:
 * FUZZ_SEED=<seed> runs the same inputs again, FUZZ_SEED=random others each time.
 */
export async function fuzz<Input>(
  inputs: fc.Arbitrary<Input>,
  holds: (input: Input) => unknown,
  { runs = 2_000, limitMs = usualMs }: { readonly runs?: number; readonly limitMs?: number } = {},
): Promise<void> {
  const property = fc.asyncProperty(inputs, async (input) => void (await holds(input)));
  await fc.assert(property, { numRuns: runs, interruptAfterTimeLimit: limitMs, ...replay });
}

/** What breaks parsers: controls, separators, halves of characters, and very long texts. */
const oddTexts = [
  "",
  "\0",
  "a\0b",
  "\r\n",
  "\u2028",
  "\ud800",
  "\udc00\ud800",
  "\u202e",
  "é",
  "%00",
  "%zz",
  "%",
  "../..",
  "__proto__",
  "constructor",
  "toString",
  "{port}",
  "$(true)",
  "1e999",
  "-0",
  "NaN",
  "null",
  "a".repeat(5_000),
  "9".repeat(400),
];

export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ maxLength: 60 }),
  fc.constantFrom(...oddTexts),
);

/** JSON of any shape, with texts that break parsers. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small", withCrossShrink: true },
    anyText,
    fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(anyText, tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** One of these, each of one code unit. */
export function letterOf(letters: string): fc.Arbitrary<string> {
  return fc.constantFrom(...letters.split(""));
}

/** A text with a few characters changed, left out, doubled or put in. */
export function mutated(text: string, letters: string): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat({ max: text.length }),
    left: fc.nat({ max: 2 }),
    put: fc.string({ unit: letterOf(letters), maxLength: 2 }),
  });
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce((now, { at, left, put }) => now.slice(0, at) + put + now.slice(at + left), text));
}

/** Every character that may stand for one byte on the wire. */
export const allBytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");
