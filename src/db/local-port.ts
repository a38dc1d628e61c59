import { hostname, networkInterfaces } from "node:os";

const defaultPort = 5432;

/** The port of a database server on this host; undefined for one elsewhere, or on a Unix socket. */
export function localDatabasePort(url: string): number | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.searchParams.get("host")?.startsWith("/") === true) return undefined;
  return isThisHost(parsed.hostname) ? Number(parsed.port || defaultPort) : undefined;
}

function isThisHost(name: string): boolean {
  const host = name.replaceAll(/^\[|\]$/g, "").toLowerCase();
  if (host === "" || host === "localhost" || host === hostname().toLowerCase() || host.startsWith("127.")) return true;
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return host === "::1" || addresses.some(({ address }) => address === host);
}
