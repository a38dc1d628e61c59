import { X509Certificate, createPrivateKey } from "node:crypto";
import { createSecureContext } from "node:tls";
import { PreviewError } from "../../errors.ts";
import { tlsPolicy } from "./certificates.ts";
import type { CertificatePair } from "./certificates.ts";

export interface NamedPair extends CertificatePair {
  /** Where they were read, for what is said of them. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** The certificate of a pair that fits together; throws `config_invalid` saying what does not. */
export function checkPair({ cert, key, certFile, keyFile }: NamedPair): X509Certificate {
  const leaf = parse(certFile, "a certificate in PEM", () => new X509Certificate(cert));
  const secret = parse(keyFile, "a private key in PEM, without a passphrase", () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(secret))
    throw refused(
      `the key in ${keyFile} is not that of the certificate in ${certFile}`,
      "Name the two files of one pair.",
    );
  parse(certFile, "a certificate that TLS can use", () => createSecureContext({ cert, key, ...tlsPolicy }));
  return leaf;
}

function parse<T>(file: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw refused(`${file} does not hold ${what}`, "See docs/tls.md for what the files must hold.", cause);
  }
}

function refused(message: string, hint: string, cause?: unknown): PreviewError {
  return new PreviewError("config_invalid", `TLS: ${message}`, { hint, cause });
}
