import type { Clock } from "../../clock.ts";
import type { DoorRequest } from "../../login/contract.ts";
import type { Route } from "../../preview/route.ts";
import { answers } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import type { Gate } from "../gate/gate.ts";
import type { Asker } from "../gate/gate-world.ts";
import type { PreviewHost } from "./preview-host.ts";
import { isVisit } from "../gate/is-visit.ts";
import { refusalOf, withProblems } from "./refusal.ts";
import type { RouteTable } from "./route-table.ts";

/** What the decision needs of a request. */
export interface DecisionRequest extends Partial<Asker> {
  /** The one Host header; undefined when there is none or more than one. */
  readonly host: string | undefined;
  /** The request target as sent. */
  readonly target: string;
}

/** What the decision needs of the gateway. */
export interface DecisionWorld {
  readonly verifyHost: (header: string) => PreviewHost | undefined;
  readonly routes: Pick<RouteTable, "get" | "loaded">;
  readonly clock: Clock;
  /** Knows the hosts of the login; absent: there is none. */
  readonly gate?: Gate;
}

export type Decision =
  | {
      readonly kind: "forward";
      readonly route: Route;
      readonly host: Pick<PreviewHost, "publicOrigin">;
      /** The session of the login that lets it in: what it opens ends with it. */
      readonly sessionId?: string | undefined;
      /** The protocol in which the client of a WebSocket sent its token. */
      readonly ownProtocol?: string | undefined;
    }
  | { readonly kind: "door"; readonly request: DoorRequest; readonly route?: never }
  | {
      readonly kind: "respond";
      readonly answer: Answer;
      readonly route?: Route;
      /** The route's preview sleeps, and somebody who may see it wants to. */
      readonly wakes?: true;
    };

type Forward = Extract<Decision, { kind: "forward" }>;

/**
 * Decides what happens to a request. The order is a promise: a name whose MAC does not hold is
 * answered before anything is looked up, and exactly like a name that is not ours; only the holder
 * of a genuine token learns that a link existed (410) or how its preview fares (502, 503).
 */
export function decide(request: DecisionRequest, world: DecisionWorld): Decision {
  const host = request.host === undefined ? undefined : world.verifyHost(request.host);
  if (host === undefined) return world.gate?.(request) ?? respond(answers.notFound);
  const now = world.clock.now();
  if (host.expiresAt <= now) return respond(answers.gone);
  if (!world.routes.loaded()) return respond(answers.unavailable);
  const route = world.routes.get(host.linkId);
  // the token of a gated link makes no name: its MAC is over another scope, and it is refused here once more
  if (route === undefined || route.gated !== undefined || !isSameLink(route, host) || route.expiresAt <= now)
    return respond(answers.gone);
  return decideRoute({ route, host }, request);
}

/** What becomes of a request that may see a live route. */
export function decideRoute(to: Omit<Forward, "kind">, request: Omit<DecisionRequest, "host">): Decision {
  const { route, host, sessionId, ownProtocol } = to;
  if (!isOriginForm(request.target)) return { kind: "respond", answer: answers.badRequest, route };
  const refusal = refusalOf(route);
  if (refusal === undefined) return { kind: "forward", route, host, sessionId, ownProtocol };
  if (route.state === "idle" && isVisit(request))
    return { kind: "respond", answer: wakingAnswer(route), route, wakes: true };
  return { kind: "respond", answer: withProblems(refusal, route), route };
}

/** Where the last wake was refused, the next one may be as well: whoever waits is told why, and asked for patience. */
function wakingAnswer({ problems }: Route): Answer {
  return problems === undefined ? answers.waking : withProblems(answers.notWoken, { problems });
}

function isSameLink(route: Route, host: PreviewHost): boolean {
  return route.tokenHash === host.tokenHash && route.port === host.port;
}

/** A target that names a host of its own would let the Host header lie about where the request goes. */
export function isOriginForm(target: string): boolean {
  return target.startsWith("/") || target === "*";
}

function respond(answer: Answer): Decision {
  return { kind: "respond", answer };
}
