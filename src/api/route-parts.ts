import type { RouteConfig } from "@hono/zod-openapi";
import type * as z from "zod";
import { ndjson, phaseStreamLine } from "./phase-stream.ts";
import { problemDetails } from "./problem-details.ts";

const problem = {
  description: "The call was refused or failed; `code` says why",
  content: { "application/problem+json": { schema: problemDetails } },
};

/** What a route answers with: one schema, or problem details. */
export function answers<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { 200: { description, content: { "application/json": { schema } } }, default: problem };
}

/** The same for a call that streams its phases when the caller accepts NDJSON. */
export function streamedAnswers(schema: z.ZodType, description: string): RouteConfig["responses"] {
  const content = { "application/json": { schema }, [ndjson]: { schema: phaseStreamLine } };
  return { 200: { description, content }, default: problem };
}

export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } };
}
