import { createHash } from "node:crypto";
import { createServer } from "node:net";
import getPort, { portNumbers } from "get-port";

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export interface PortLease {
  /** See `Sandbox.freePort`. */
  freePort(options: { wanted?: number; exclude: ReadonlySet<number> }): Promise<number | undefined>;
}

const addresses = ["0.0.0.0", "::", "127.0.0.1", "::1"] as const;

/**
 * Finds ports on which nobody listens. Between our look and the server's own bind another process
 * may take the port: that race cannot be closed from here, so the caller keeps a reservation and
 * readiness checks who really listens. get-port holds a port it gave back for another 15 seconds.
 * The search starts where `seed` says, so that sandboxes of one host rarely want the same port.
 */
export function createPortLease(range: PortRange, seed?: string): PortLease {
  // round robin: the port of a preview that just ended is the last to be given out again
  let next = seed === undefined ? range.from : startIn(range, seed);
  return {
    async freePort({ wanted, exclude }) {
      if (wanted !== undefined) return !exclude.has(wanted) && (await isFree(wanted)) ? wanted : undefined;
      const order = [...portNumbers(next, range.to), ...(next > range.from ? portNumbers(range.from, next - 1) : [])];
      const port = await getPort({ port: order, exclude });
      // get-port falls back to any port at all when the range is exhausted
      if (port < range.from || port > range.to) return undefined;
      next = port === range.to ? range.from : port + 1;
      return port;
    },
  };
}

function startIn({ from, to }: PortRange, seed: string): number {
  return from + (createHash("sha256").update(seed).digest().readUInt32BE(0) % (to - from + 1));
}

/** Each address by itself: on some systems a wildcard bind succeeds beside a bound loopback address. */
async function isFree(port: number): Promise<boolean> {
  for (const host of addresses) if (!(await canListen(port, host))) return false;
  return true;
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // a host without IPv6 has no such address, and nobody can hold a port on it
    server.once("error", (error: NodeJS.ErrnoException) => resolve(absent.has(error.code ?? "")));
    server.listen({ port, host, exclusive: true, ipv6Only: host === "::" }, () => server.close(() => resolve(true)));
  });
}

const absent = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"]);
