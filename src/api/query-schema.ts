import * as z from "zod";
import { listInput, logsInput } from "../preview/contract.ts";

/** The contract's inputs as query strings: the same fields and bounds, their values given as text. */
export const listQuery = z.strictObject({ includeStopped: flag(listInput.shape.includeStopped) });

export const logsQuery = z.strictObject({
  cursor: logsInput.shape.cursor,
  limit: wholeNumber(logsInput.shape.limit),
  grep: logsInput.shape.grep,
  waitSeconds: wholeNumber(logsInput.shape.waitSeconds),
});

function flag<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((text) => (text === "true" ? true : text === "false" ? false : text), schema);
}

export function wholeNumber<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((text) => (typeof text === "string" && text.trim() !== "" ? Number(text) : text), schema);
}
