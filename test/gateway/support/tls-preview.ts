import { connect } from "node:http2";
import type { ClientHttp2Session, ClientSessionOptions } from "node:http2";
import { once } from "node:events";
import { connect as connectSecure } from "node:tls";
import type { GatewayOptions } from "../../../src/gateway/gateway.ts";
import type { Certificates } from "../../../src/gateway/tls/certificates.ts";
import type { Route } from "../../../src/preview/route.ts";
import { rawClientOn } from "./raw-client.ts";
import type { RawClient } from "./raw-client.ts";
import { makeCertificate } from "./certificate.ts";
import { closing, startPreview } from "./fixture.ts";
import type { Preview } from "./fixture.ts";
import { domain } from "./harness.ts";
import type { MintedLink } from "./harness.ts";
import type { Script } from "./scripted-upstream.ts";

const pair = makeCertificate(`*.${domain}`);

/** A certificate for the previews' names that stays as it is. */
export function fixedCertificates(): Certificates {
  return { current: () => pair, names: (host) => host.endsWith(`.${domain}`), onChange() {}, close: async () => {} };
}

/** A gateway that speaks TLS, with one preview, served by a script; closed after the test. */
export async function startTlsPreview(
  script?: Script,
  options: { route?: Partial<Route>; gateway?: Partial<GatewayOptions> } = {},
): Promise<Preview> {
  const gateway = { certificates: fixedCertificates(), publicScheme: "https", ...options.gateway } as const;
  return await startPreview(script, { ...options, gateway });
}

/** A connection of HTTP/1.1 over TLS; closed after the test. */
export async function connectTls({ harness, link }: Pick<Preview, "harness" | "link">): Promise<RawClient> {
  const where = { host: "127.0.0.1", port: harness.port, servername: link.name, ca: pair.cert };
  const socket = connectSecure({ ...where, ALPNProtocols: ["http/1.1"] });
  await once(socket, "secureConnect");
  const client = rawClientOn(socket);
  closing({ close: async () => client.close() });
  return client;
}

/** A connection of HTTP/2 to the gateway; closed after the test. */
export async function connectHttp2(
  { harness, link }: Pick<Preview, "harness"> & { readonly link: MintedLink },
  options: ClientSessionOptions & { readonly localAddress?: string } = {},
): Promise<ClientHttp2Session> {
  // options of the TLS connection, which the types of a session leave out
  const where = { host: "127.0.0.1", port: harness.port, servername: link.name, ca: pair.cert };
  const session = connect(`https://${link.name}:${harness.port}`, {
    ...options,
    ...where,
  });
  // what a test waits for fails with it
  session.on("error", () => {});
  closing({
    close: async () => session.destroy(),
  });
  await new Promise<void>((resolve, reject) => {
    session.once("remoteSettings", () => resolve());
    session.once("error", reject).once("close", () => reject(new Error("connection closed")));
  });
  return session;
}
