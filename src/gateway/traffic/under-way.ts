import type { Socket } from "node:net";
import type { Route } from "../../preview/route.ts";
import { addressKey } from "../client-address.ts";
import type { ClientSockets } from "../http1/client-sockets.ts";
import type { OpenCounts } from "./open-counts.ts";
import type { Cuttable, OpenTraffic } from "./open-traffic.ts";

/** Where what is under way is counted, and found by whoever must cut it. */
export interface UnderWay {
  /** By link. */
  readonly traffic: OpenTraffic;
  /** By preview, however many links it has. */
  readonly previews: OpenCounts;
  /** By session, as far as it came in by one. */
  readonly visits: OpenTraffic;
  /** By address, as far as a proxy brought it, or it shares a connection with others. */
  readonly visitors: OpenCounts;
  /** By the client's socket. */
  readonly clients: ClientSockets;
}

interface Owner {
  readonly route: Pick<Route, "linkId" | "previewId">;
  readonly sessionId?: string | undefined;
  readonly visitor?: string | undefined;
}

interface Entrant {
  readonly socket: Socket;
  readonly item: Cuttable;
}

/** May cut the item at once: its socket has closed meanwhile. */
export function enter(world: UnderWay, { route, sessionId, visitor }: Owner, { socket, item }: Entrant): void {
  world.traffic.add(route.linkId, item);
  world.previews.add(route.previewId);
  if (sessionId !== undefined) world.visits.add(sessionId, item);
  if (visitor !== undefined) world.visitors.add(addressKey(visitor));
  world.clients.add(socket, item);
}

export function leave(world: UnderWay, { route, sessionId, visitor }: Owner, { socket, item }: Entrant): void {
  world.traffic.remove(route.linkId, item);
  world.previews.remove(route.previewId);
  if (sessionId !== undefined) world.visits.remove(sessionId, item);
  if (visitor !== undefined) world.visitors.remove(addressKey(visitor));
  world.clients.remove(socket, item);
}
