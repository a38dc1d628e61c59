import { printGatedHost } from "../preview/links/host-name.ts";
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
/** Hands the ticket of a login in a window of its own to the frame that opened it. */
export const handOverPath = `${doorPath}hand-over`;

export function authUrl(address: LoginAddress, path: string): string {
  return `${originOf(address, address.authHost)}${path}`;
}

export function gatedOrigin(address: LoginAddress, place: GatedPlace): string {
  return originOf(address, printGatedHost(place, address.domain));
}

/** Where an unknown visitor of a preview is sent, with a sealed wish. */
export function loginUrl(address: LoginAddress, wish: string): string {
  return authUrl(address, `/login?${new URLSearchParams({ wish }).toString()}`);
}

export function enterUrl(address: LoginAddress, place: GatedPlace, ticket: string): string {
  return `${gatedOrigin(address, place)}${enterPath}?${new URLSearchParams({ ticket }).toString()}`;
}

/** The ticket is in the fragment: neither a server nor a log sees it before the frame takes it. */
export function handOverUrl(address: LoginAddress, place: GatedPlace, ticket: string): string {
  return `${gatedOrigin(address, place)}${handOverPath}#${ticket}`;
}

/** Path and query of a request's target; never throws: what begins with two slashes is a path here, and no host. */
export function doorUrl(target: string): URL {
  return new URL(`http://door/${target.slice(1)}`);
}

const defaultPorts = { http: 80, https: 443 } as const;

function originOf({ scheme, port }: LoginAddress, host: string): string {
  return port === defaultPorts[scheme] ? `${scheme}://${host}` : `${scheme}://${host}:${port}`;
}
