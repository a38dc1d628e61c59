import { hostname, networkInterfaces } from "node:os";

const defaultPort = 5432;

/** The port of a database server on this host; undefined for one elsewhere, or on a Unix socket. */
export function localDatabasePort(url: string): number | undefined {
  const parsed = overTcp(url);
  return parsed !== undefined && isThisHost(parsed.hostname) ? portOf(parsed) : undefined;
}

/** The port of a database server, wherever it is; undefined on a Unix socket. */
export function databasePort(url: string): number | undefined {
  const parsed = overTcp(url);
  return parsed === undefined ? undefined : portOf(parsed);
}

function overTcp(url: string): URL | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return parsed?.searchParams.get("host")?.startsWith("/") === true ? undefined : parsed;
}

function portOf({ port }: URL): number {
  return Number(port || defaultPort);
}

function isThisHost(name: string): boolean {
  const host = name.replaceAll(/^\[|\]$/g, "").toLowerCase();
  if (host === "" || host === "localhost" || host === hostname().toLowerCase() || host.startsWith("127.")) return true;
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return host === "::1" || addresses.some(({ address }) => address === host);
}
