import type { GatedPlace } from "../../login/contract.ts";
import { printCookie } from "../../login/cookies.ts";
import { gatedOrigin } from "../../login/door-urls.ts";
import type { TokenQuery } from "../../login/machine-token.ts";
import { returnPath } from "../../login/return-path.ts";
import { printVisit } from "../../login/visit.ts";
import { answers, seeOther } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import type { GateRequest, GateWorld } from "./gate-world.ts";
import { routeOfToken } from "./gated-pass.ts";
import { isFrame } from "./in-frame.ts";

/** The token becomes a cookie, and leaves the address. */
export function takeQuery(
  world: GateWorld,
  place: GatedPlace,
  { request, query }: { readonly request: GateRequest; readonly query: TokenQuery },
): Answer {
  const { keys, clock, address } = world;
  const { method, upgrade } = request;
  const route = routeOfToken(world, place, query.token);
  if (route === undefined || upgrade || (method !== "GET" && method !== "HEAD")) return answers.tokenRefused;
  const { linkId, expiresAt } = route;
  const visit = printVisit(keys, { by: "token", linkId, ...place, expiresAt });
  const maxAgeSeconds = Math.max(1, Math.floor((expiresAt - clock.now()) / 1000));
  const location = `${gatedOrigin(address, place)}${returnPath(query.rest)}`;
  const kind = isFrame(request) && route.embedOrigins !== undefined ? "frame-visit" : "visit";
  return seeOther(location, printCookie(kind, visit, { scheme: address.scheme, maxAgeSeconds }));
}
