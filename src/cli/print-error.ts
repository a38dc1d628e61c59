import { stripVTControlCharacters } from "node:util";
import { PlaneStartError } from "../client/ensure-plane.ts";
import { PreviewError } from "../errors.ts";

export interface ErrorShape {
  readonly error: { code: string; message: string; hint: string; retryable: boolean };
}

/** The error as one JSON document, for --json. */
export function errorDocument(error: unknown): ErrorShape {
  const shown = error instanceof PreviewError ? error : undefined;
  return {
    error: {
      code: shown?.code ?? "internal",
      message: messageOf(error),
      hint: hintOf(error),
      retryable: shown?.retryable ?? false,
    },
  };
}

/** The error for a person: what failed, what to do, and the stack only when it was asked for. */
export function errorText(error: unknown, options: { readonly withStack: boolean }): string {
  const lines = [`error: ${messageOf(error)}`, ...indent(hintOf(error))];
  if (error instanceof PlaneStartError && error.logTail !== "")
    lines.push("", "The end of its log:", ...indent(error.logTail));
  if (options.withStack && error instanceof Error) lines.push("", ...stacksOf(error));
  return `${stripVTControlCharacters(lines.join("\n"))}\n`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function hintOf(error: unknown): string {
  if (error instanceof PreviewError) return error.hint;
  return "This is unexpected; DEV_PREVIEW_LOG_LEVEL=debug shows where it comes from.";
}

function indent(text: string): string[] {
  return text.split("\n").map((line) => `  ${line}`);
}

function stacksOf(error: Error): string[] {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? [own, "caused by:", ...stacksOf(error.cause)] : [own];
}
