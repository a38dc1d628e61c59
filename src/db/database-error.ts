import { PreviewError } from "../errors.ts";

/** The database refused a statement. Holds no value of any row: a detail would show the env of a preview. */
export class StatementError extends Error {
  override readonly name = "StatementError";
  /** SQLSTATE. */
  readonly code: string;
  readonly constraint: string | undefined;

  constructor(fields: { code: string; constraint?: string; table?: string; column?: string; routine?: string }) {
    const where = [fields.table, fields.column, fields.constraint, fields.routine].filter(Boolean).join(", ");
    super(`the database refused a statement: SQLSTATE ${fields.code}${where && ` (${where})`}`);
    this.code = fields.code;
    this.constraint = fields.constraint;
  }
}

/** A statement did not end in time; the connection it ran on is given up. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  readonly code = "DEADLINE";
}

/** What the caller of a store sees of a failure: `database_unavailable`, a `StatementError`, or the error as it was. */
export function databaseError(error: unknown): unknown {
  if (error instanceof PreviewError) return error;
  const code = stringField(error, "code");
  if (code === undefined || !(error instanceof Error)) return error;
  if (isUnavailable(code)) return unavailable(code, error);
  return sqlState.test(code) ? statementError(code, error) : error;
}

/** True when the connection itself is gone or in doubt, as opposed to a statement that was refused. */
export function isConnectionLoss(error: unknown): boolean {
  const code = stringField(error, "code");
  return code !== undefined && (clientCodes.has(code) || code.startsWith("08") || shutdownStates.has(code));
}

export function unavailable(code: string, cause?: Error): PreviewError {
  return new PreviewError("database_unavailable", `the database is not available (${code})`, {
    hint: code.startsWith("28") || code.startsWith("3D") ? checkUrl : tryAgain,
    // a new error: the client's own carries the statement's parameters
    ...(cause && { cause: new Error(cause.message) }),
  });
}

const tryAgain = "Previews that run keep serving. Try again shortly; if it persists, check the database server.";
const checkUrl = "Check user, password and database name of DATABASE_URL.";
const sqlState = /^[0-9A-Z]{5}$/;

/** System errors of Node and errors of the client that mean: no usable connection. */
const clientCodes: ReadonlySet<string> = new Set([
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "DEADLINE",
  "EACCES",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** admin_shutdown, crash_shutdown, cannot_connect_now. */
const shutdownStates: ReadonlySet<string> = new Set(["57P01", "57P02", "57P03"]);

/**
 * SQLSTATE classes that a later attempt may not meet: connection, authorization, no such database,
 * rollback (deadlock), resources, operator intervention (shutdown, statement timeout); read-only
 * (a standby, while it is being promoted).
 */
const unavailableClasses: ReadonlySet<string> = new Set(["08", "28", "3D", "40", "53", "57"]);
const readOnlyTransaction = "25006";

function isUnavailable(code: string): boolean {
  if (clientCodes.has(code) || code === readOnlyTransaction) return true;
  return sqlState.test(code) && unavailableClasses.has(code.slice(0, 2));
}

function statementError(code: string, error: Error): StatementError {
  const table = stringField(error, "table_name");
  const column = stringField(error, "column_name");
  const constraint = stringField(error, "constraint_name");
  const routine = stringField(error, "routine");
  return new StatementError({
    code,
    ...(table !== undefined && { table }),
    ...(column !== undefined && { column }),
    ...(constraint !== undefined && { constraint }),
    ...(routine !== undefined && { routine }),
  });
}

function stringField(error: unknown, name: string): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : undefined;
}
