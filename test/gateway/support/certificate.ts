import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CertificatePair } from "../../../src/gateway/tls/certificates.ts";

/** A self-signed certificate for these names, by openssl. */
export function makeCertificate(...names: string[]): CertificatePair {
  const directory = mkdtempSync(join(tmpdir(), "dpp-cert-"));
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const san = `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`;
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  try {
    const args = ["req", ...kind, "-keyout", key, "-out", cert, "-subj", "/CN=test", "-addext", san];
    execFileSync("openssl", args, { stdio: "pipe" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
