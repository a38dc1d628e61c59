import { PreviewError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";

/** What a caller is told of a call that failed. */
export interface ToolFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly requestId: string;
}

/**
 * An unexpected error may hold anything (a connection string, a path, output of a child): the
 * caller gets the request id alone, under which the log has the cause.
 */
export function toolFailure(error: unknown, requestId: string): ToolFailure {
  const shown =
    error instanceof PreviewError
      ? error
      : new PreviewError("internal", `the plane failed; its log has the cause under request id ${requestId}`, {
          hint: "Call again once; if it fails again, give the request id to whoever runs the plane.",
        });
  return { code: shown.code, message: shown.message, hint: shown.hint, retryable: shown.retryable, requestId };
}

/** The failure as text for the model: what failed, what to do, and the code to branch on. */
export function failureText({ code, message, hint, retryable }: ToolFailure): string {
  return `${message}\n${hint}\ncode: ${code}, retryable: ${retryable ? "yes" : "no"}`;
}
