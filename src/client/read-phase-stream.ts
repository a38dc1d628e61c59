import { phaseStreamLine } from "../api/phase-stream.ts";
import type { PhaseStreamLine } from "../api/phase-stream.ts";
import { PreviewError } from "../errors.ts";
import type { PreviewOutput } from "../preview/contract.ts";
import type { CallOptions } from "../preview/use-cases.ts";
import { attempt, parseAnswer, unreachable } from "./send.ts";
import type { PlaneAddress } from "./send.ts";

/** Follows a streamed start: tells its phases, returns its result, throws its error. */
export async function readPhaseStream(
  plane: PlaneAddress,
  answer: Response,
  { signal, onPhase }: CallOptions,
): Promise<PreviewOutput> {
  for await (const line of linesOf(plane, answer, signal)) {
    if ("phase" in line) onPhase?.(line.phase);
    else if ("result" in line) return line.result;
    else throw new PreviewError(line.error.code, line.error.detail, { hint: line.error.hint });
  }
  throw unreachable(plane, "went away before it answered");
}

async function* linesOf(
  plane: PlaneAddress,
  answer: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<PhaseStreamLine> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let pending = "";
  try {
    for (;;) {
      const { done, value } = await attempt(plane, signal, () => reader.read());
      pending += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = pending.split("\n");
      pending = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") yield parseAnswer(plane, phaseStreamLine, line);
      if (done) return;
    }
  } finally {
    // The rest is of no interest; a connection that is already broken needs no cancelling.
    await reader.cancel().catch(() => undefined);
  }
}
