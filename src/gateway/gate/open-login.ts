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
  deps: DoorDeps,
  { login, address, routes, sessions }: LoginParts,
): { readonly gate: Gate; readonly door: LoginDoor } {
  const { keys, clock } = deps;
  const loginAddress = loginAddressOf(login, address);
  return {
    gate: createGate({ keys, clock, sessions, address: loginAddress, routes }),
    door: "door" in login ? login.door : openDoor(deps, { login, address, routes, sessions }),
  };
}

type DoorDeps = Pick<LoginDeps, "keys" | "clock" | "logger">;

interface DoorParts extends Omit<LoginParts, "login" | "routes"> {
  readonly login: GatewayLogin;
  readonly routes: Pick<RouteTable, "gatedAt">;
}

export function openDoor(deps: DoorDeps, { login, address, routes, sessions }: DoorParts): LoginDoor {
  const { keys, clock, logger } = deps;
  const shared = { keys, clock, logger, sessions, address: loginAddressOf(login, address) };
  return createLoginDoor({ ...login, ...shared, previewAt: previewsOf(routes) });
}

function loginAddressOf({ authHost }: Pick<LoginAddress, "authHost">, address: PublicAddress): LoginAddress {
  const { domain, scheme } = address;
  return {
    authHost,
    domain,
    scheme,
    get port() {
      return address.port;
    },
  };
}

/** Finds the live gated preview at a place, for the login. */
function previewsOf(routes: Pick<RouteTable, "gatedAt">): LoginDeps["previewAt"] {
  return (place) => {
    const { gated, previewId = "", embedOrigins } = routes.gatedAt(place) ?? {};
    return gated && { previewId, gated, embeddable: embedOrigins !== undefined };
  };
}
