import { createLoginDoor } from "../../login/door.ts";
import type { LoginDeps, LoginDoor } from "../../login/door.ts";
import type { LoginAddress } from "../../login/door-urls.ts";
import type { SessionTable } from "../../login/sessions.ts";
import type { PublicAddress } from "../decide/preview-host.ts";
import type { RouteTable } from "../decide/route-table.ts";
import { createGate } from "./gate.ts";
import type { Gate } from "./gate.ts";

/** What the login is built from, besides what the gateway has. */
export type GatewayLogin = Pick<LoginDeps, "store" | "oidc" | "sessionMs" | "events"> & Pick<LoginAddress, "authHost">;

/** A login that is answered for by another process. */
export interface LoginElsewhere extends Pick<LoginAddress, "authHost"> {
  readonly door: LoginDoor;
}

interface LoginParts {
  readonly login: GatewayLogin | LoginElsewhere;
  /** Its port may become known only when the gateway listens. */
  readonly address: PublicAddress;
  readonly routes: RouteTable;
  readonly sessions: SessionTable;
}

/** The gate of gated hosts, and the door behind it. */
export function openLogin(
  { keys, clock, logger }: Pick<LoginDeps, "keys" | "clock" | "logger">,
  { login, address, routes, sessions }: LoginParts,
): { readonly gate: Gate; readonly door: LoginDoor } {
  const { domain, scheme } = address;
  const loginAddress: LoginAddress = {
    authHost: login.authHost,
    domain,
    scheme,
    get port() {
      return address.port;
    },
  };
  const shared = { keys, clock, sessions, address: loginAddress };
  const door =
    "door" in login ? login.door : createLoginDoor({ ...login, ...shared, logger, previewAt: previewsOf(routes) });
  return { gate: createGate({ ...shared, routes }), door };
}

/** Finds the live gated preview at a place, for the login. */
export function previewsOf(routes: Pick<RouteTable, "gatedAt">): LoginDeps["previewAt"] {
  return (place) => {
    const { gated, previewId = "", embedOrigins } = routes.gatedAt(place) ?? {};
    return gated && { previewId, gated, embeddable: embedOrigins !== undefined };
  };
}
