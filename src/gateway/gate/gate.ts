import type { GatedPlace } from "../../login/contract.ts";
import { doorPath, gatedOrigin } from "../../login/door-urls.ts";
import { tokenInQuery } from "../../login/machine-token.ts";
import { hostWithoutPort, parseGatedHost } from "../../preview/links/host-name.ts";
import { answers } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import { decideRoute, isOriginForm } from "../decide/decide.ts";
import type { Decision, DecisionRequest } from "../decide/decide.ts";
import type { GateRequest, GateWorld } from "./gate-world.ts";
import { passOf } from "./gated-pass.ts";
import { takeQuery } from "./take-query.ts";
import { withoutPass } from "./without-pass.ts";

/**
 * Decides on requests to the login's host and to gated hosts; undefined for every other name. Without a
 * pass nothing is told of a gated host, not even whether there is a preview: whoever comes with a
 * browser is sent to the login, everybody else is told that there is one.
 */
export type Gate = (request: DecisionRequest) => Decision | undefined;

export function createGate(world: GateWorld): Gate {
  return (request) => {
    if (request.host === undefined) return undefined;
    if (hostWithoutPort(request.host) === world.address.authHost) return door(completed(request));
    const place = parseGatedHost(request.host, world.address.domain);
    return place === undefined ? undefined : decideAt(world, place, completed(request));
  };
}

function completed({ target, method = "GET", headers = {}, upgrade = false }: DecisionRequest): GateRequest {
  return { target, method, headers, upgrade };
}

function door(request: GateRequest, place?: GatedPlace): Decision {
  if (request.upgrade || !isOriginForm(request.target)) return respond(answers.badRequest);
  const { method, target, headers } = request;
  return { kind: "door", request: { method, target, headers, ...(place && { place }) } };
}

function decideAt(world: GateWorld, place: GatedPlace, request: GateRequest): Decision {
  if (!world.routes.loaded()) return respond(answers.unavailable);
  if (request.target.startsWith(doorPath)) return door(request, place);
  const query = tokenInQuery(request.target);
  if (query !== undefined) return respond(takeQuery(world, place, { request, query }));
  const publicOrigin = gatedOrigin(world.address, place);
  const pass = passOf(world, place, request);
  if (pass !== undefined && "route" in pass) return decideRoute({ ...pass, host: { publicOrigin } }, request);
  return respond(withoutPass(world, place, { request, answer: pass ?? answers.loginRequired }));
}

function respond(answer: Answer): Decision {
  return { kind: "respond", answer };
}
