import type { Clock } from "../clock.ts";
import { printCookie, readCookie } from "../login/cookies.ts";
import type { GatedPlace } from "../login/contract.ts";
import { doorPath, gatedOrigin, loginUrl } from "../login/door-urls.ts";
import type { LoginAddress } from "../login/door-urls.ts";
import { tokenHeader, tokenInQuery, tokenProtocol } from "../login/machine-token.ts";
import type { TokenQuery } from "../login/machine-token.ts";
import { isMember } from "../login/membership.ts";
import { returnPath } from "../login/return-path.ts";
import { hashOf, isSecret, newSecret } from "../secrets.ts";
import type { SessionTable } from "../login/sessions.ts";
import { parseVisit, printVisit } from "../login/visit.ts";
import { hostWithoutPort, parseGatedHost } from "../preview/host-name.ts";
import type { Route } from "../preview/route.ts";
import { gatedScope, verifyToken } from "../preview/token.ts";
import type { SigningKeys } from "../preview/token.ts";
import { answers } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { asksForDocument } from "./asks-for-document.ts";
import type { AskerHeaders } from "./asks-for-document.ts";
import { isCrossSite } from "./cross-site.ts";
import { decideRoute, isOriginForm } from "./decide.ts";
import type { Decision, DecisionRequest } from "./decide.ts";
import type { RouteTable } from "./route-table.ts";

/** What the gate needs of a request besides host and target. */
export interface Asker {
  readonly method: string;
  readonly headers: AskerHeaders;
  /** It asks to switch protocols. */
  readonly upgrade: boolean;
}

export interface GateWorld {
  readonly routes: Pick<RouteTable, "get" | "gatedAt" | "loaded">;
  readonly sessions: Pick<SessionTable, "get">;
  readonly keys: SigningKeys;
  readonly address: LoginAddress;
  readonly clock: Clock;
}

/**
 * Decides on requests to the login's host and to gated hosts; undefined for every other name. Without a
 * pass nothing is told of a gated host, not even whether there is a preview: whoever comes with a
 * browser is sent to the login, everybody else is told that there is one.
 */
export type Gate = (request: DecisionRequest) => Decision | undefined;

type Request = Asker & { readonly target: string };
type Pass = { readonly route: Route; readonly sessionId?: string; readonly ownProtocol?: string };

export function createGate(world: GateWorld): Gate {
  return (request) => {
    if (request.host === undefined) return undefined;
    if (hostWithoutPort(request.host) === world.address.authHost) return door(completed(request));
    const place = parseGatedHost(request.host, world.address.domain);
    return place === undefined ? undefined : decideAt(world, place, completed(request));
  };
}

function completed({ target, method = "GET", headers = {}, upgrade = false }: DecisionRequest): Request {
  return { target, method, headers, upgrade };
}

function door(request: Request, place?: GatedPlace): Decision {
  if (request.upgrade || !isOriginForm(request.target)) return respond(answers.badRequest);
  const { method, target, headers } = request;
  return { kind: "door", request: { method, target, headers, ...(place && { place }) } };
}

function decideAt(world: GateWorld, place: GatedPlace, request: Request): Decision {
  if (!world.routes.loaded()) return respond(answers.unavailable);
  if (request.target.startsWith(doorPath)) return door(request, place);
  const query = tokenInQuery(request.target);
  if (query !== undefined) return respond(takeQuery(world, place, { request, query }));
  const publicOrigin = gatedOrigin(world.address, place);
  const pass = byToken(world, place, request) ?? byCookie(world, place, request);
  if (pass === undefined) return respond(refuse(world, place, { request, answer: answers.loginRequired }));
  if (!("route" in pass)) return respond(refuse(world, place, { request, answer: pass }));
  return decideRoute({ ...pass, host: { publicOrigin } }, request);
}

/** An answer for a token that does not hold; undefined when none was sent. */
function byToken(world: GateWorld, place: GatedPlace, { headers, upgrade }: Request): Pass | Answer | undefined {
  const offered = upgrade ? headers["sec-websocket-protocol"] : undefined;
  const inProtocol = typeof offered === "string" ? tokenProtocol(offered) : undefined;
  const token = headers[tokenHeader] ?? inProtocol;
  if (token === undefined) return undefined;
  const route = typeof token === "string" ? routeOfToken(world, place, token) : undefined;
  if (route === undefined) return answers.tokenRefused;
  return { route, ...(inProtocol !== undefined && { ownProtocol: `dev-preview.${inProtocol}` }) };
}

function routeOfToken(
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
function byCookie(world: GateWorld, place: GatedPlace, request: Request): Pass | Answer | undefined {
  const { keys, clock, address, sessions, routes } = world;
  const value = readCookie(request.headers["cookie"], "visit", address.scheme);
  const visit = value === undefined ? undefined : parseVisit(keys, value, { ...place, now: clock.now() });
  if (visit === undefined) return undefined;
  if (isCrossSite(request, gatedOrigin(address, place))) return answers.crossSite;
  if (visit.by === "token") {
    const route = liveRoute(routes.get(visit.linkId), place, clock);
    return route === undefined ? answers.tokenRefused : { route };
  }
  const session = sessions.get(visit.sessionId);
  if (session === undefined) return answers.sessionEnded;
  const route = liveRoute(routes.gatedAt(place), place, clock);
  // once the place is somebody else's, a former visitor is told what everybody is
  if (route?.gated !== undefined && !isMember(session, route.gated)) return undefined;
  return route === undefined ? answers.gone : { route, sessionId: session.id };
}

/** 303 for a person who navigates, else the answer with its reason. */
function refuse(
  world: GateWorld,
  place: GatedPlace,
  { request, answer }: { request: Request; answer: Answer },
): Answer {
  if (answer.status !== 401 || !isNavigation(request)) return answer;
  const { address } = world;
  const known = readCookie(request.headers["cookie"], "browser", address.scheme);
  const browser = isSecret(known) ? known : newSecret();
  const location = loginUrl(address, place, { path: returnPath(request.target), browserHash: hashOf(browser) });
  const cookie = printCookie("browser", browser, { scheme: address.scheme, maxAgeSeconds: browserSeconds });
  return seeOther(location, cookie);
}

const browserSeconds = 3600;

/** A page in a frame cannot log in: providers refuse to be framed, and so do browsers' rules for cookies. */
function isNavigation({ method, headers, upgrade }: Request): boolean {
  if (upgrade || (method !== "GET" && method !== "HEAD") || !asksForDocument(headers)) return false;
  return headers["sec-fetch-dest"] === undefined || headers["sec-fetch-dest"] === "document";
}

/** The token becomes a cookie, and leaves the address. */
function takeQuery(
  world: GateWorld,
  place: GatedPlace,
  { request, query }: { readonly request: Request; readonly query: TokenQuery },
): Answer {
  const { keys, clock, address } = world;
  const { method, upgrade } = request;
  const route = routeOfToken(world, place, query.token);
  if (route === undefined || upgrade || (method !== "GET" && method !== "HEAD")) return answers.tokenRefused;
  const { linkId, expiresAt } = route;
  const visit = printVisit(keys, { by: "token", linkId, ...place, expiresAt });
  const maxAgeSeconds = Math.max(1, Math.floor((expiresAt - clock.now()) / 1000));
  const location = `${gatedOrigin(address, place)}${returnPath(query.rest)}`;
  return seeOther(location, printCookie("visit", visit, { scheme: address.scheme, maxAgeSeconds }));
}

function seeOther(location: string, cookie: string): Answer {
  return {
    status: 303,
    previewStatus: "login",
    title: "Go on",
    text: "The way goes on elsewhere.",
    headers: ["Location", location, "Set-Cookie", cookie],
  };
}

function respond(answer: Answer): Decision {
  return { kind: "respond", answer };
}
