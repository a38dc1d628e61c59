import type { Clock } from "../../clock.ts";
import type { GatedPlace } from "../../login/contract.ts";
import { readCookie } from "../../login/cookies.ts";
import { gatedOrigin } from "../../login/door-urls.ts";
import { tokenHeader, tokenProtocol } from "../../login/machine-token.ts";
import { mayPass } from "../../login/membership.ts";
import { parseVisit } from "../../login/visit.ts";
import type { Visit } from "../../login/visit.ts";
import type { Route } from "../../preview/route.ts";
import { gatedScope, verifyToken } from "../../preview/links/token.ts";
import { hashOf } from "../../secrets.ts";
import { answers } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import { isCrossSite } from "./cross-site.ts";
import type { GateRequest, GateWorld } from "./gate-world.ts";

export interface Pass {
  readonly route: Route;
  /** The session of the login that lets it in. */
  readonly sessionId?: string;
  /** The protocol in which the client of a WebSocket sent its token. */
  readonly ownProtocol?: string;
}

/** What lets a request to a gated host in; an answer for what was meant to and does not; undefined for neither. */
export function passOf(world: GateWorld, place: GatedPlace, request: GateRequest): Pass | Answer | undefined {
  return byToken(world, place, request) ?? byCookie(world, place, request);
}

/** An answer for a token that does not hold; undefined when none was sent. */
function byToken(world: GateWorld, place: GatedPlace, { headers, upgrade }: GateRequest): Pass | Answer | undefined {
  const offered = upgrade ? headers["sec-websocket-protocol"] : undefined;
  const inProtocol = typeof offered === "string" ? tokenProtocol(offered) : undefined;
  const token = headers[tokenHeader] ?? inProtocol;
  if (token === undefined) return undefined;
  const route = typeof token === "string" ? routeOfToken(world, place, token) : undefined;
  if (route === undefined) return answers.tokenRefused;
  return { route, ...(inProtocol !== undefined && { ownProtocol: `dev-preview.${inProtocol}` }) };
}

/** The live link of a genuine token for this place. */
export function routeOfToken(
  { keys, routes, address, clock }: GateWorld,
  place: GatedPlace,
  token: string,
): Route | undefined {
  const claims = verifyToken(keys, gatedScope({ domain: address.domain, ...place }), token);
  const route = claims === undefined ? undefined : liveRoute(routes.get(claims.linkId), place, clock);
  return route?.tokenHash === hashOf(token) ? route : undefined;
}

function liveRoute(route: Route | undefined, place: GatedPlace, clock: Clock): Route | undefined {
  if (route?.gated === undefined || route.expiresAt <= clock.now()) return undefined;
  return route.sandboxId === place.sandboxId && route.port === place.port ? route : undefined;
}

/** An answer for a cookie that is genuine and does not let in; undefined without a genuine one. */
function byCookie(world: GateWorld, place: GatedPlace, request: GateRequest): Pass | Answer | undefined {
  const { clock, address, routes } = world;
  const visit = visitOf(world, place, request);
  if (visit === undefined) return undefined;
  const route = liveRoute(visit.by === "token" ? routes.get(visit.linkId) : routes.gatedAt(place), place, clock);
  const embedOrigins = route?.embedOrigins ?? [];
  if (isCrossSite(request, { publicOrigin: gatedOrigin(address, place), embedOrigins })) return answers.crossSite;
  if (visit.by === "token") return route === undefined ? answers.tokenRefused : { route };
  return byMember(world, visit, route);
}

function byMember(
  { sessions }: GateWorld,
  visit: Extract<Visit, { by: "member" }>,
  route: Route | undefined,
): Pass | Answer | undefined {
  const session = sessions.get(visit.sessionId);
  if (session === undefined) return answers.sessionEnded;
  if (route?.gated === undefined) return answers.gone;
  // a visit is to one preview: the next one at its place, and a former visitor, are asked to log in like everybody
  if (route.previewId !== visit.previewId || !mayPass(session, route.gated)) return undefined;
  return { route, sessionId: session.id };
}

/** In a frame of another site browsers send that frame's cookie alone. */
function visitOf({ keys, clock, address }: GateWorld, place: GatedPlace, { headers }: GateRequest): Visit | undefined {
  for (const kind of ["visit", "frame-visit"] as const) {
    const value = readCookie(headers["cookie"], kind, address.scheme);
    const visit = value === undefined ? undefined : parseVisit(keys, value, { ...place, now: clock.now() });
    if (visit !== undefined) return visit;
  }
  return undefined;
}
