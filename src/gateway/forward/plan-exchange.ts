import type { LogDone } from "../traffic/access-log.ts";
import type { Client, ClientRequest, SwitchingClient } from "../client.ts";
import type { Decision } from "../decide/decide.ts";
import type { ExchangePlan } from "./exchange-plan.ts";
import { printRequestHead } from "./request-head.ts";
import type { PreviewOrigins } from "./request-head.ts";
import type { RequestFraming } from "./request-framing.ts";
import { askForPlainDocument, mayTakeScript } from "../script/document-request.ts";
import { parseSecondPort } from "../script/second-port.ts";
import type { UpgradePlan } from "./upgrade-relay.ts";

type Forward = Extract<Decision, { kind: "forward" }>;

/** What was read of a request before it was decided on. */
export interface Arrival {
  readonly framing: RequestFraming;
  readonly onDone: LogDone | undefined;
  /** Whose requests count one by one: whom a proxy brings, or who sends many over one connection. */
  readonly visitor: string | undefined;
}

/** How one request goes to the app. */
export function planExchange({ request, socket }: Client, decision: Forward, arrival: Arrival): ExchangePlan {
  const { route } = decision;
  const scripted = route.socketScript && mayTakeScript(request);
  const { url: target = "/", rawHeaders } = request;
  const sent = { target, rawHeaders: scripted ? askForPlainDocument(rawHeaders) : rawHeaders };
  const origins = originsOf(decision);
  const headText = printHead({ request, socket }, sent, { origins, arrival, upgrade: false });
  const { framing, onDone, visitor } = arrival;
  return { route, origins, headText, scripted, framing, onDone, visitor, sessionId: decision.sessionId };
}

/**
 * How a request to switch protocols goes to the app. Where pages have the socket script, a WebSocket may
 * be meant for another port of the same launch, which the dialler proves as it proves the first. Of such
 * a port nothing but an open WebSocket is ever shown: what else listens there has no link.
 */
export function planUpgrade({ request, socket }: SwitchingClient, decision: Forward, arrival: Arrival): UpgradePlan {
  const { route, ownProtocol } = decision;
  const { url = "/", rawHeaders } = request;
  const upgrade = isWebSocket(request, arrival.framing);
  const second = upgrade && route.socketScript ? parseSecondPort(url) : undefined;
  const origins = originsOf(decision, second?.port);
  const sent = { target: second?.target ?? url, rawHeaders };
  const headText = printHead({ request, socket }, sent, { origins, arrival, upgrade });
  const dialled = second === undefined ? route : { ...route, port: second.port };
  const onlyJoins = second !== undefined;
  const { framing, onDone, visitor } = arrival;
  const ends = { framing, onDone, visitor, sessionId: decision.sessionId };
  return { route: dialled, origins, headText, scripted: false, upgrade, onlyJoins, ownProtocol, ...ends };
}

/** Other protocols (h2c above all) are not offered to the app: it answers as if nothing had been asked. */
function isWebSocket(request: ClientRequest, framing: RequestFraming): boolean {
  return request.method === "GET" && framing.upgrade?.toLowerCase() === "websocket";
}

function originsOf({ route, host }: Forward, secondPort?: number): PreviewOrigins {
  const { hostMode, port, embedOrigins } = route;
  return { hostMode, port, publicOrigin: host.publicOrigin, embedOrigins, secondPort };
}

interface Framed {
  readonly origins: PreviewOrigins;
  readonly arrival: Pick<Arrival, "framing" | "visitor">;
  readonly upgrade: boolean;
}

function printHead(
  { request: { method = "GET" }, socket }: Pick<Client, "request" | "socket">,
  { target, rawHeaders }: { readonly target: string; readonly rawHeaders: readonly string[] },
  { origins, arrival, upgrade }: Framed,
): string {
  const { framing, visitor } = arrival;
  const clientAddress = visitor ?? socket.remoteAddress ?? "unknown";
  return printRequestHead({ method, target, rawHeaders, framing }, { origins, clientAddress, upgrade });
}
