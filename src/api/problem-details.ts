import * as z from "zod";
import { errorTable, PreviewError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";

const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];

/** One thing wrong with a request: `path` is the field (`env.PORT`), empty for the whole input. */
export const fieldError = z.object({ path: z.string(), message: z.string() });
export type FieldError = z.infer<typeof fieldError>;

/** RFC 9457 problem details: what every error of /v1 answers with, as `application/problem+json`. */
export const problemDetails = z
  .object({
    type: z.string().describe("`urn:dev-preview:error:<code>`"),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("What failed, with which value"),
    code: z.enum(errorCodes),
    hint: z.string().describe("What to do"),
    retryable: z.boolean(),
    requestId: z.string(),
    errors: z.array(fieldError).optional().describe("Every field that was refused"),
  })
  .meta({ id: "ProblemDetails" });
export type ProblemDetails = z.infer<typeof problemDetails>;

/** A request whose fields were refused, each by name. */
export class FieldsRefusedError extends PreviewError {
  readonly errors: readonly FieldError[];

  constructor(issues: readonly z.core.$ZodIssue[]) {
    const errors = issues.flatMap(fieldErrorsOf);
    const shown = errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
    super("invalid_input", `the request was refused: ${shown.join("; ")}`, {
      hint: "Correct every field listed; /v1/openapi.json describes them.",
    });
    this.errors = errors;
  }
}

/** What a caller may know of `error`: a PreviewError as it is, anything else as its request id only. */
export function problemDetailsOf(error: unknown, requestId: string): ProblemDetails {
  const shown = error instanceof PreviewError ? error : unexpected(requestId);
  return {
    type: `urn:dev-preview:error:${shown.code}`,
    title: titleOf(shown.code),
    status: shown.status,
    detail: shown.message,
    code: shown.code,
    hint: shown.hint,
    retryable: shown.retryable,
    requestId,
    ...(shown instanceof FieldsRefusedError ? { errors: [...shown.errors] } : {}),
  };
}

function unexpected(requestId: string): PreviewError {
  return new PreviewError("internal", `internal error in request ${requestId}`, {
    hint: "Try again; if it stays, look for the request id in the plane's log.",
  });
}

function titleOf(code: ErrorCode): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function fieldErrorsOf(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code !== "unrecognized_keys") return [{ path: path.join("."), message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key].join("."), message: "no such field" }));
}
