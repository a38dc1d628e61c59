import { resolve } from "node:path";
import { systemClock } from "../clock.ts";
import { PreviewError } from "../errors.ts";
import { openCertificateFiles } from "../gateway/tls/certificate-files.ts";
import type { Certificates } from "../gateway/tls/certificates.ts";
import type { Logger } from "../logger.ts";
import type { Config } from "../settings.ts";
import type { StateDir } from "../state-dir.ts";

/** True when the gateway itself speaks TLS. */
export function hasOwnTls({ tlsCert, tlsKey, tlsLocal }: Config): boolean {
  return tlsLocal || tlsCert !== undefined || tlsKey !== undefined;
}

export function publicSchemeOf(config: Config): "http" | "https" {
  return config.publicScheme ?? (hasOwnTls(config) ? "https" : "http");
}

/** The gateway's certificates, where it has some. Throws `config_invalid` for settings that contradict each other, and for a bad pair. */
export async function openCertificates(
  config: Config,
  { state, logger }: { readonly state: StateDir; readonly logger: Logger },
): Promise<Certificates | undefined> {
  const { tlsCert, tlsKey, tlsLocal, domain } = config;
  if (!hasOwnTls(config)) return undefined;
  if (publicSchemeOf(config) === "http") throw refused("the gateway speaks TLS and publicScheme is http");
  if (tlsLocal) {
    if (tlsCert !== undefined || tlsKey !== undefined) throw refused("tlsLocal is set, and tlsCert or tlsKey as well");
    // loaded when it is asked for: it brings all of X.509
    const { openLocalAuthority } = await import("../gateway/tls/local-authority.ts");
    return await openLocalAuthority({ directory: state.authorityDir, domain, clock: systemClock, logger });
  }
  if (tlsCert === undefined || tlsKey === undefined) throw refused("of tlsCert and tlsKey one is missing");
  return openCertificateFiles({ certFile: resolve(tlsCert), keyFile: resolve(tlsKey), domain, logger });
}

function refused(message: string): PreviewError {
  return new PreviewError("config_invalid", message, {
    hint: "Set tlsCert and tlsKey together, or tlsLocal alone, and leave publicScheme out: see docs/tls.md.",
  });
}
