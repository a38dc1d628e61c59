import { openTlsFront } from "../../e2e/support/tls-front.ts";
import type { Sample } from "../sample.ts";

/** A name under which no framework makes exceptions, as it does for `*.localhost`. */
const publicDomain = "preview.example.com";

export type Scheme = "http" | "https";

/** What stands between the browser and the gateway. */
export interface Front {
  /** Names of previews end with it. */
  readonly domain: string;
  /** Environment of the plane that makes its URLs fit. */
  readonly env: Readonly<Record<string, string>>;
  relayTo(gatewayPort: number): void;
  close(): Promise<void>;
}

/**
 * `http`: nothing, the browser asks the gateway; for a sample that needs an origin that browsers trust under
 * `localhost`. `https`: an edge that ends TLS, on a port of its own.
 */
export async function openFront(
  scheme: Scheme,
  { trustedOrigin = false }: Pick<Sample, "trustedOrigin">,
): Promise<Front> {
  if (scheme === "http") {
    const domain = trustedOrigin ? "localhost" : publicDomain;
    return { domain, env: { DEV_PREVIEW_DOMAIN: domain }, relayTo: () => {}, close: async () => {} };
  }
  const edge = await openTlsFront(publicDomain);
  return {
    domain: publicDomain,
    env: {
      DEV_PREVIEW_DOMAIN: publicDomain,
      DEV_PREVIEW_PUBLIC_SCHEME: "https",
      DEV_PREVIEW_PUBLIC_PORT: String(edge.port),
    },
    relayTo: (port) => edge.relayTo(port),
    close: () => edge.close(),
  };
}
