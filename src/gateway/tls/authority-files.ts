import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "../../logger.ts";
import { requireOwnDirectory } from "../../state-dir.ts";
import { checkPair } from "./check-pair.ts";
import type { CertificatePair } from "./certificates.ts";
import { dayMs, makeAuthority } from "./issue.ts";

export interface AuthorityFilesOptions {
  /** Made where it is missing; mode 0700. */
  readonly directory: string;
  readonly domain: string;
  readonly now: number;
  readonly logger: Logger;
}

/** An authority that ends sooner than this is replaced at the start of a plane. */
const renewBeforeMs = 60 * dayMs;

/**
 * The authority of a domain, made once: `<domain>.crt` is what people trust, `<domain>.key` (0600) signs. Throws
 * `config_invalid` when the files hold something else.
 */
export async function ensureAuthority(options: AuthorityFilesOptions): Promise<CertificatePair> {
  const { directory, domain, now, logger } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  requireOwnDirectory(directory, "It holds the key of the local certificate authority.");
  const [certFile, keyFile] = [join(directory, `${domain}.crt`), join(directory, `${domain}.key`)];
  finishRenewal(certFile, keyFile);
  const known = readPair(certFile, keyFile);
  if (known !== undefined) {
    checkPair({ ...known, certFile, keyFile });
    if (endOf(known) - now > renewBeforeMs) return known;
  }
  const made = await makeAuthority(domain, now);
  writeFileSync(next(keyFile), made.key, { mode: 0o600 });
  writeFileSync(next(certFile), made.cert, { mode: 0o644 });
  renameSync(next(keyFile), keyFile);
  renameSync(next(certFile), certFile);
  logger.warn({ event: "tls.authority_made", certFile }, "trust the new local certificate authority: dev-preview ca");
  return made;
}

/**
 * A plane may be killed at any point of a renewal. While the next key waits, nothing was replaced yet, and what
 * waits may be half written; once only the next certificate waits, the key is the new one's already.
 */
function finishRenewal(certFile: string, keyFile: string): void {
  if (existsSync(next(keyFile))) rmSync(next(certFile), { force: true });
  else if (existsSync(next(certFile))) renameSync(next(certFile), certFile);
  rmSync(next(keyFile), { force: true });
}

function next(file: string): string {
  return `${file}.next`;
}

function readPair(certFile: string, keyFile: string): CertificatePair | undefined {
  try {
    return { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function endOf({ cert }: CertificatePair): number {
  return Date.parse(new X509Certificate(cert).validTo);
}
