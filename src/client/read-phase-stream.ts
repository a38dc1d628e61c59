import { phaseStreamLine } from "../api/phase-stream.ts";
import type { PhaseStreamLine } from "../api/phase-stream.ts";
import { PreviewError } from "../errors.ts";
import type { PreviewOutput } from "../preview/contract.ts";
import type { CallOptions } from "../preview/use-cases.ts";
import { partsOf } from "./read-parts.ts";
import { parseAnswer, unreachable } from "./send.ts";
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
  for await (const line of partsOf(plane, answer, { end: "\n", signal }))
    if (line.trim() !== "") yield parseAnswer(plane, phaseStreamLine, line);
}
