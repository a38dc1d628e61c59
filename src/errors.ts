/**
 * Every failure that a caller may see, in one table. `fault` says who can act on it:
 * the caller (bad request), the environment (project, host, database), or the plane itself.
 */
export const errorTable = {
  invalid_input: { status: 400, retryable: false, fault: "caller" },
  unauthenticated: { status: 401, retryable: false, fault: "caller" },
  forbidden: { status: 403, retryable: false, fault: "caller" },
  insufficient_scope: { status: 403, retryable: false, fault: "caller" },
  identity_unavailable: { status: 503, retryable: true, fault: "environment" },
  key_not_found: { status: 404, retryable: false, fault: "caller" },
  project_required: { status: 400, retryable: false, fault: "caller" },
  project_not_found: { status: 404, retryable: false, fault: "caller" },
  preview_not_found: { status: 404, retryable: false, fault: "caller" },
  link_not_found: { status: 404, retryable: false, fault: "caller" },
  already_running: { status: 409, retryable: false, fault: "caller" },
  limit_reached: { status: 429, retryable: true, fault: "caller" },
  project_conflict: { status: 409, retryable: false, fault: "caller" },
  repo_dir_outside_workspace: { status: 400, retryable: false, fault: "caller" },
  repo_dir_missing: { status: 400, retryable: false, fault: "caller" },
  repo_dir_required: { status: 400, retryable: false, fault: "caller" },
  project_file_invalid: { status: 400, retryable: false, fault: "caller" },
  preview_not_serving: { status: 409, retryable: true, fault: "caller" },
  port_not_ours: { status: 409, retryable: false, fault: "caller" },
  no_free_port: { status: 503, retryable: true, fault: "environment" },
  sandbox_unsupported: { status: 501, retryable: false, fault: "environment" },
  isolation_unavailable: { status: 501, retryable: false, fault: "environment" },
  sandbox_elsewhere: { status: 409, retryable: false, fault: "environment" },
  launch_failed: { status: 500, retryable: true, fault: "environment" },
  stop_failed: { status: 500, retryable: true, fault: "environment" },
  browser_missing: { status: 501, retryable: false, fault: "environment" },
  browser_failed: { status: 503, retryable: true, fault: "environment" },
  page_not_loaded: { status: 502, retryable: true, fault: "environment" },
  database_unavailable: { status: 503, retryable: true, fault: "environment" },
  database_unsupported: { status: 500, retryable: false, fault: "environment" },
  schema_too_new: { status: 500, retryable: false, fault: "environment" },
  signing_keys_differ: { status: 500, retryable: false, fault: "environment" },
  plane_unreachable: { status: 503, retryable: true, fault: "environment" },
  plane_already_running: { status: 409, retryable: false, fault: "environment" },
  listen_failed: { status: 500, retryable: false, fault: "environment" },
  config_invalid: { status: 500, retryable: false, fault: "caller" },
  not_found: { status: 404, retryable: false, fault: "caller" },
  body_too_large: { status: 413, retryable: false, fault: "caller" },
  cancelled: { status: 499, retryable: true, fault: "caller" },
  internal: { status: 500, retryable: true, fault: "plane" },
} as const satisfies Record<string, ErrorTraits>;

interface ErrorTraits {
  readonly status: number;
  readonly retryable: boolean;
  readonly fault: "caller" | "environment" | "plane";
}

export type ErrorCode = keyof typeof errorTable;

/**
 * A failure whose text may be shown to the caller. `message` says what failed and with which
 * value, `hint` says what to do. Neither ever contains output of a child process or a secret.
 */
export class PreviewError extends Error {
  override readonly name = "PreviewError";
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: { hint: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable;
  }
}

/** The port is no longer held by the launch that the link was minted for. */
export class UpstreamMovedError extends Error {
  override readonly name = "UpstreamMovedError";
}
