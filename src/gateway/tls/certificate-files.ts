import type { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { PreviewError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { checkPair } from "./check-pair.ts";
import type { NamedPair } from "./check-pair.ts";
import type { Certificates } from "./certificates.ts";

export interface CertificateFilesOptions {
  readonly certFile: string;
  readonly keyFile: string;
  /** Previews are `<label>.<domain>`. */
  readonly domain: string;
  readonly logger: Logger;
  /** How often the files are looked at; default 5 s. */
  readonly checkEveryMs?: number;
}

type Files = Pick<CertificateFilesOptions, "certFile" | "keyFile">;

/**
 * A certificate and its key from files, read again when these change. What is renewed on disk is taken up
 * within seconds, and no connection is dropped; a pair that does not fit is told of once, and the one
 * before stays. Throws `config_invalid` where there is no good pair to begin with.
 *
 * The files are read again rather than watched: renewals swap links and whole directories, which
 * watching misses, and both files are small.
 */
export function openCertificateFiles(options: CertificateFilesOptions): Certificates {
  const { domain, logger, checkEveryMs = 5_000 } = options;
  let current = readPair(options);
  let leaf = checkPair(current);
  let refused: NamedPair | undefined;
  let onChange = () => {};
  warnOf(leaf, { domain, logger });

  const reload = (next: NamedPair) => {
    leaf = checkPair(next);
    current = next;
    onChange();
    logger.info({ event: "tls.reloaded", validTo: leaf.validTo }, "certificate taken up");
    warnOf(leaf, { domain, logger });
  };
  const look = () => {
    let next: NamedPair | undefined;
    try {
      next = readPair(options);
      if (!isSame(next, current) && !isSame(next, refused)) reload(next);
      refused = undefined;
    } catch (err) {
      if (next === undefined || !isSame(next, refused))
        logger.error({ event: "tls.reload_refused", err }, "the certificate on disk is not taken up");
      refused = next;
    }
  };
  const timer = setInterval(look, checkEveryMs);
  timer.unref();
  return {
    current: () => current,
    names: (host) => leaf.checkHost(host) !== undefined,
    onChange: (listener) => void (onChange = listener),
    close: async () => clearInterval(timer),
  };
}

function readPair({ certFile, keyFile }: Files): NamedPair {
  return { cert: read(certFile), key: read(keyFile), certFile, keyFile };
}

function read(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch (cause) {
    throw new PreviewError("config_invalid", `TLS: ${file} cannot be read`, {
      hint: "Name a file in PEM that the plane's user may read (tlsCert, tlsKey).",
      cause,
    });
  }
}

function isSame(one: NamedPair, other: NamedPair | undefined): boolean {
  return one.cert === other?.cert && one.key === other.key;
}

/** Neither keeps the gateway from serving: browsers say it too, and it may be meant so. */
function warnOf(leaf: X509Certificate, { domain, logger }: Pick<CertificateFilesOptions, "domain" | "logger">): void {
  const { validTo, subjectAltName } = leaf;
  if (Date.parse(validTo) <= Date.now())
    logger.warn({ event: "tls.expired", validTo }, "the certificate has expired: browsers refuse it");
  if (leaf.checkHost(`0-preview.${domain}`) === undefined)
    logger.warn(
      { event: "tls.other_names", subjectAltName, domain },
      "the certificate does not name the previews' hosts",
    );
}
