import { openTlsFront } from "../../e2e/support/tls-front.ts";

/** A name under which no framework makes exceptions, as it does for `*.localhost`. */
export const domain = "preview.example.com";

export type Scheme = "http" | "https";

/** What stands between the browser and the gateway. */
export interface Front {
  /** Environment of the plane that makes its URLs fit. */
  readonly env: Readonly<Record<string, string>>;
  relayTo(gatewayPort: number): void;
  close(): Promise<void>;
}

/** `http`: nothing, the browser asks the gateway. `https`: an edge that ends TLS, on a port of its own. */
export async function openFront(scheme: Scheme): Promise<Front> {
  if (scheme === "http") return { env: { DEV_PREVIEW_DOMAIN: domain }, relayTo: () => {}, close: async () => {} };
  const edge = await openTlsFront(domain);
  return {
    env: {
      DEV_PREVIEW_DOMAIN: domain,
      DEV_PREVIEW_PUBLIC_SCHEME: "https",
      DEV_PREVIEW_PUBLIC_PORT: String(edge.port),
    },
    relayTo: (port) => edge.relayTo(port),
    close: () => edge.close(),
  };
}
