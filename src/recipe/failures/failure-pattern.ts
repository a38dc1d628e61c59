/** A cause that output can show; each is a problem code of a preview. */
export type FailureCode =
  | "port_in_use"
  | "second_instance"
  | "package_manager_missing"
  | "script_not_found"
  | "command_not_found"
  | "node_version"
  | "dependencies_missing"
  | "env_missing"
  | "database_refused"
  | "out_of_memory"
  | "syntax_error"
  | "waiting_for_input"
  | "tls_on_port"
  | "app_crashed";

export interface FailurePattern {
  readonly code: FailureCode;
  readonly line: RegExp;
  /** Lines that look alike but tell of no failure. */
  readonly unless?: RegExp;
  /** Finds the one value that the message may carry, as `$1`: the first group that is set. */
  readonly value?: RegExp;
  readonly named?: string;
  /** Without a value; `""` when the line then says nothing. */
  readonly unnamed: string;
  /** The value is a port that somebody holds. */
  readonly holdsPort?: true;
  /** Says something only of a server whose open port gives no HTTP answer. */
  readonly onlyWhenSilent?: true;
  /** Says something only where no other cause is told, and only while the command lives on. */
  readonly onlyWhenAlive?: true;
}

/*
 * Output of a dev server is data and must not become a sentence of ours: a value is nothing but a port,
 * a version number, or the name of a program, script, package or environment variable.
 */
export const programName = String.raw`([A-Za-z0-9][\w.@+:-]{0,60})`;
export const packageName = String.raw`((?:@[a-z0-9][\w.-]{0,60}\/)?[A-Za-z0-9_][\w.-]{0,80})(?:\/[\w./-]*)?`;
export const variableName = String.raw`([A-Z][A-Z0-9]*_[A-Z0-9_]{1,60}|[A-Z]{3,40})`;
export const versionNumber = String.raw`(\d{1,3}(?:\.\d{1,3}){0,2})`;
