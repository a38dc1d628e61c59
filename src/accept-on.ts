import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import { PreviewError } from "./errors.ts";
import { isLoopback } from "./hosts.ts";
import { acceptBeside, addressOf, openLoopbackTwin, twinAddressOf } from "./loopback-twin.ts";
import type { BoundAddress, LoopbackTwin } from "./loopback-twin.ts";

/** Where a listener accepts connections. */
export interface ListenAt {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Descriptors of sockets that listen there already: whoever started this process keeps them open when it ends. */
  readonly handedOver?: readonly number[];
  /** Another process of the same user may listen there too, if it says so as well; where the system can. */
  readonly reusePort?: boolean;
}

/** Connections can wait, or another process has them: what lets them in can be made ready first. */
export function canWait({ handedOver = [], reusePort = false }: Pick<ListenAt, "handedOver" | "reusePort">): boolean {
  return handedOver.length > 0 || reusePort;
}

/**
 * Makes a server listen, on the loopback twin of its address as well; resolves to what has to be closed beside it.
 * Rejects with `listen_failed` for a socket that listens elsewhere than the settings say (what is guarded by the
 * address would not be), and with system errors.
 */
export async function acceptOn(server: HttpServer, at: ListenAt): Promise<LoopbackTwin | undefined> {
  const [first, ...others] = at.handedOver ?? [];
  if (first === undefined) {
    const { host, port, reusePort = false } = at;
    server.listen({ host, port, reusePort });
    await once(server, "listening");
    return await openLoopbackTwin(server, { reusePort });
  }
  server.listen({ fd: first });
  await once(server, "listening");
  const opened: (LoopbackTwin & BoundAddress)[] = [];
  for (const fd of others) opened.push(await acceptBeside(server, { fd }));
  const bound = [addressOf(server), ...opened];
  for (const each of bound) requireSame(each, at);
  const twin = bound.some(({ address }) => address === twinAddressOf(server))
    ? undefined
    : await openLoopbackTwin(server);
  const all = [...opened, ...(twin === undefined ? [] : [twin])];
  return { close: async () => void (await Promise.all(all.map((each) => each.close()))) };
}

function requireSame({ address, port }: BoundAddress, at: ListenAt): void {
  if (port === at.port && isSame(address, at.host)) return;
  throw new PreviewError(
    "listen_failed",
    `a socket that was handed over listens on ${address}, port ${port}; the settings say ${at.host}, port ${at.port}`,
    { hint: "Give the listener's host and port the values of the socket unit (ListenStream)." },
  );
}

const everywhere: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

function isSame(address: string, host: string): boolean {
  return (
    address === host || (isLoopback(address) && isLoopback(host)) || (everywhere.has(address) && everywhere.has(host))
  );
}
