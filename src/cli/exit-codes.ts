import { planeAlreadyRunningExit } from "../client/ensure-plane.ts";
import { PreviewError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";

/** Every exit code of `dev-preview`; shown by `dev-preview --help`. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  planeAlreadyRunning: planeAlreadyRunningExit,
  notServing: 4,
  planeUnreachable: 5,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `
Exit codes:
  0    done
  1    failed
  2    wrong arguments or configuration
  3    a plane already runs on this state directory (serve)
  4    the preview is not serving
  5    no plane answers
  130  interrupted; what was started goes on`;

const byErrorCode: Partial<Record<ErrorCode, ExitCode>> = {
  invalid_input: exitCodes.usage,
  config_invalid: exitCodes.usage,
  project_required: exitCodes.usage,
  plane_already_running: exitCodes.planeAlreadyRunning,
  plane_unreachable: exitCodes.planeUnreachable,
  cancelled: exitCodes.interrupted,
};

export function exitCodeOf(error: unknown): ExitCode {
  return (error instanceof PreviewError ? byErrorCode[error.code] : undefined) ?? exitCodes.failure;
}
