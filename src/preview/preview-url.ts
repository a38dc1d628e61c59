import type { GatewayAddress } from "./deps.ts";

const schemePorts = { http: 80, https: 443 } as const;

/** The address that a viewer opens, e.g. `http://20001-abc.localhost:4781/`. */
export function linkUrl(gateway: GatewayAddress, { host }: { readonly host: string }, path = "/"): string {
  const port = gateway.publicPort === schemePorts[gateway.publicScheme] ? "" : `:${gateway.publicPort}`;
  return `${gateway.publicScheme}://${host}${port}${path}`;
}
