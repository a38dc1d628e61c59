import type { Clock } from "../clock.ts";
import type { Route } from "../preview/route.ts";
import { answers } from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { PreviewHost } from "./preview-host.ts";
import { refusalOf } from "./refusal.ts";
import type { RouteTable } from "./route-table.ts";

/** What the decision needs of a request. */
export interface DecisionRequest {
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
}

export type Decision =
  | { readonly kind: "forward"; readonly route: Route; readonly host: PreviewHost }
  | { readonly kind: "respond"; readonly answer: Answer; readonly route?: Route };

/**
 * Decides what happens to a request. The order is a promise: a name whose MAC does not hold is
 * answered before anything is looked up, and exactly like a name that is not ours; only the holder
 * of a genuine token learns that a link existed (410) or how its preview fares (502, 503).
 */
export function decide(request: DecisionRequest, world: DecisionWorld): Decision {
  const host = request.host === undefined ? undefined : world.verifyHost(request.host);
  if (host === undefined) return respond(answers.notFound);
  const now = world.clock.now();
  if (host.expiresAt <= now) return respond(answers.gone);
  if (!world.routes.loaded()) return respond(answers.unavailable);
  const route = world.routes.get(host.linkId);
  if (route === undefined || !isSameLink(route, host) || route.expiresAt <= now) return respond(answers.gone);
  if (!isOriginForm(request.target)) return { kind: "respond", answer: answers.badRequest, route };
  const refusal = refusalOf(route);
  return refusal === undefined ? { kind: "forward", route, host } : { kind: "respond", answer: refusal, route };
}

function isSameLink(route: Route, host: PreviewHost): boolean {
  return route.tokenHash === host.tokenHash && route.port === host.port;
}

/** A target that names a host of its own would let the Host header lie about where the request goes. */
function isOriginForm(target: string): boolean {
  return target.startsWith("/") || target === "*";
}

function respond(answer: Answer): Decision {
  return { kind: "respond", answer };
}
