import type { GatewayAddress } from "./deps.ts";
import { printSignedHost } from "./host-name.ts";

const schemePorts = { http: 80, https: 443 } as const;

/** The address that a viewer opens, e.g. `http://20001-abc.localhost:4781/`. */
export function signedUrl(gateway: GatewayAddress, link: { port: number; token: string }, path = "/"): string {
  const host = printSignedHost(link, gateway.domain);
  const port = gateway.publicPort === schemePorts[gateway.publicScheme] ? "" : `:${gateway.publicPort}`;
  return `${gateway.publicScheme}://${host}${port}${path}`;
}
