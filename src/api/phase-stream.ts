import * as z from "zod";
import { phases, previewOutput } from "../preview/contract.ts";
import { problemDetails } from "./problem-details.ts";

export const ndjson = "application/x-ndjson";

/**
 * One line of a streamed start: phases as they happen, then exactly one `result` or `error`.
 * Blank lines between them keep the connection alive.
 */
export const phaseStreamLine = z
  .union([
    z.strictObject({ phase: z.object({ name: z.enum(phases), message: z.string() }) }),
    z.strictObject({ result: previewOutput }),
    z.strictObject({ error: problemDetails }),
  ])
  .meta({ id: "PhaseStreamLine" });
export type PhaseStreamLine = z.infer<typeof phaseStreamLine>;
