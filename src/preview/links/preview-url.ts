import type { GatewayAddress } from "../deps.ts";

const schemePorts = { http: 80, https: 443 } as const;

/** The address that a viewer opens, e.g. `http://20001-abc.localhost:4781/`. */
export function linkUrl(gateway: GatewayAddress, { host }: { readonly host: string }, path = "/"): string {
  const port = gateway.publicPort === schemePorts[gateway.publicScheme] ? "" : `:${gateway.publicPort}`;
  return `${gateway.publicScheme}://${host}${port}${path}`;
}

/** Query parameter in which the token of a gated link passes the login, once: it becomes a cookie and leaves the address. */
export const tokenParameter = "preview_token";

/** The address at which a program without a session opens a gated link. */
export function admittedUrl(url: string, token: string): string {
  const [address = "", ...fragment] = url.split("#");
  const admitted = `${address}${address.includes("?") ? "&" : "?"}${tokenParameter}=${token}`;
  return [admitted, ...fragment].join("#");
}
