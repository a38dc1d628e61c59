import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { until } from "../../support/until.ts";

export interface EventStream {
  /** When each event came, in milliseconds since the epoch. */
  readonly arrivals: readonly number[];
  /** Resolves once so many events came. */
  count(wanted: number): Promise<unknown>;
  /** When the connection was closed; undefined while it is open. */
  closedAt(): number | undefined;
}

/** Server-sent events of a preview, over one connection to the gateway. */
export async function openEventStream(url: URL): Promise<EventStream> {
  const outgoing = request({
    host: "127.0.0.1",
    port: url.port,
    path: url.pathname,
    headers: { host: url.host, accept: "text/event-stream" },
    agent: false,
  });
  outgoing.end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${url.href} answers ${response.statusCode}`);
  const arrivals: number[] = [];
  let closedAt: number | undefined;
  response.setEncoding("utf8").on("data", (text: string) => {
    for (const _ of text.matchAll(/^data: /gm)) arrivals.push(Date.now());
  });
  response.on("error", () => undefined); // a cut connection is what `closedAt` tells
  response.on("close", () => (closedAt = Date.now()));
  return {
    arrivals,
    count: (wanted) => until(`${wanted} events`, () => arrivals.length >= wanted),
    closedAt: () => closedAt,
  };
}
