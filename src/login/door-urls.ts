import { printGatedHost } from "../preview/host-name.ts";
import type { GatedPlace } from "./contract.ts";

/** How browsers reach the login and the previews behind it. The port may become known late. */
export interface LoginAddress {
  readonly scheme: "http" | "https";
  /** Previews are `<label>.<domain>`. */
  readonly domain: string;
  /** Host name of the login itself. */
  readonly authHost: string;
  readonly port: number;
}

/** Below it, gated hosts answer for the login: no such request ever reaches an app. */
export const doorPath = "/.well-known/dev-preview/";
export const enterPath = `${doorPath}enter`;

export function authUrl(address: LoginAddress, path: string): string {
  return `${originOf(address, address.authHost)}${path}`;
}

export function gatedOrigin(address: LoginAddress, place: GatedPlace): string {
  return originOf(address, printGatedHost(place, address.domain));
}

/** Where an unknown visitor of a preview is sent. */
export function loginUrl(
  address: LoginAddress,
  place: GatedPlace,
  wish: { path: string; browserHash: string },
): string {
  const query = new URLSearchParams({
    to: `${place.port}-${place.sandboxId}`,
    path: wish.path,
    browser: wish.browserHash,
  });
  return authUrl(address, `/login?${query.toString()}`);
}

export function enterUrl(address: LoginAddress, place: GatedPlace, ticket: string): string {
  return `${gatedOrigin(address, place)}${enterPath}?${new URLSearchParams({ ticket }).toString()}`;
}

const defaultPorts = { http: 80, https: 443 } as const;

function originOf({ scheme, port }: LoginAddress, host: string): string {
  return port === defaultPorts[scheme] ? `${scheme}://${host}` : `${scheme}://${host}:${port}`;
}
