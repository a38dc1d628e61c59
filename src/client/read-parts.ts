import { attempt } from "./send.ts";
import type { PlaneAddress } from "./send.ts";

/** A stream of text, part by part, each ended by `end`; what the connection's end cut short is no part. */
export async function* partsOf(
  plane: PlaneAddress,
  answer: Response,
  { end, signal }: { readonly end: string; readonly signal: AbortSignal | undefined },
): AsyncGenerator<string> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let pending = "";
  try {
    for (;;) {
      const { done, value } = await attempt(plane, signal, () => reader.read());
      pending += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const parts = pending.split(end);
      pending = parts.pop() ?? "";
      yield* parts;
      if (done) return;
    }
  } finally {
    // The rest is of no interest; a connection that is already broken needs no cancelling.
    await reader.cancel().catch(() => undefined);
  }
}
