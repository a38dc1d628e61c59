import postgres from "postgres";
import { PreviewError } from "../errors.ts";

export type Sql = postgres.Sql;

/** A server on a Unix socket: `host` is the directory that holds it. */
export interface ServerConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** Which server to talk to: a real one by its URL, or the embedded one. */
export type DatabaseTarget = { readonly url: string } | { readonly connection: ServerConnection };

/** Everything of ours lives in this schema. */
export const schemaName = "dev_preview";

/** Seconds until an address that does not answer is given up. */
const connectTimeoutSeconds = 3;
export const statementTimeoutMs = 5_000;

export interface ClientOptions {
  readonly max: number;
  /** What `pg_stat_activity` shows. */
  readonly applicationName: string;
  /** Longest time the server spends on one statement; 0 is no limit. */
  readonly statementTimeoutMs?: number;
  readonly onclose?: () => void;
  readonly onnotify?: (channel: string, payload: string) => void;
}

/** Makes a client of the target; nothing connects before the first statement. */
export function connect(target: DatabaseTarget, options: ClientOptions): Sql {
  const { applicationName, statementTimeoutMs: limitMs = statementTimeoutMs, ...rest } = options;
  const common = {
    ...rest,
    connect_timeout: connectTimeoutSeconds,
    // the client's own pause grows to 20 s, during which a statement would just hang
    backoff: () => 0.05,
    // without it the client asks for array types on connect, and an answer that fails crashes the process
    fetch_types: false,
    onnotice: () => {},
    transform: { column: { from: postgres.toCamel } },
    connection: {
      application_name: applicationName,
      search_path: schemaName,
      statement_timeout: limitMs,
      idle_in_transaction_session_timeout: 10_000,
    },
  };
  // a client with one connection is held for its session (lock, LISTEN), so it must never be recycled
  const held = options.max === 1 ? { max_lifetime: null } : { idle_timeout: 60 };
  return "url" in target
    ? connectUrl(target.url, { ...common, ...held })
    : postgres({ ...target.connection, ssl: false, ...common, ...held });
}

function connectUrl(url: string, options: postgres.Options<Record<string, never>>): Sql {
  try {
    const { address, host } = parseUrl(url);
    return postgres(address, { ...options, ...(host !== undefined && { host }) });
  } catch {
    // the error of the URL parser repeats the URL, and with it the password
    throw new PreviewError("config_invalid", "DATABASE_URL is not a URL", {
      hint: "Write it as postgres://user:password@host:5432/database, special characters percent-encoded.",
    });
  }
}

/** What providers put into their URLs for libpq, and a server refuses as a setting of the session. */
const libpqOptions = ["channel_binding", "gssencmode", "krbsrvname"];

/** As for libpq, `?host=/directory` names the directory of a Unix socket, which the client has no URL for. */
function parseUrl(url: string): { readonly address: string; readonly host?: string } {
  const [address = "", query] = url.split("?", 2);
  if (query === undefined) return { address };
  const parameters = new URLSearchParams(query);
  const host = parameters.get("host");
  for (const name of [...libpqOptions, "host"]) parameters.delete(name);
  const rest = parameters.size === 0 ? address : `${address}?${parameters.toString()}`;
  return host === null ? { address: rest } : { address: rest, host };
}
