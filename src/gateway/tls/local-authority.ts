import { createSecureContext } from "node:tls";
import type { SecureContext } from "node:tls";
import type { Clock } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import { ensureAuthority } from "./authority-files.ts";
import { tlsPolicy } from "./certificates.ts";
import type { CertificatePair, Certificates } from "./certificates.ts";
import { createIssuer, dayMs } from "./issue.ts";
import type { Issuer } from "./issue.ts";

export interface LocalAuthorityOptions {
  /** Where the authority is kept. */
  readonly directory: string;
  readonly domain: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Certificates live 30 days, and are issued anew well before browsers count them out. */
const renewEveryMs = 10 * dayMs;
const renewalCheckMs = 3_600_000;
const mostHosts = 1_000;

/**
 * Certificates of an authority of our own, which people trust by hand. A domain of several labels has one
 * wildcard certificate. Browsers take no wildcard right below a single label (`*.localhost`), so that
 * there each host is issued its own when it is first asked for.
 */
export async function openLocalAuthority(options: LocalAuthorityOptions): Promise<Certificates> {
  const { domain, clock, logger } = options;
  const issuer = await createIssuer(await ensureAuthority({ ...options, now: clock.now() }));
  const names = [`*.${domain}`, domain];
  let current = await issuer.issue(names, clock.now());
  let issuedAt = clock.now();
  let onChange = () => {};
  const renew = async () => {
    if (clock.now() - issuedAt < renewEveryMs) return;
    current = await issuer.issue(names, clock.now());
    issuedAt = clock.now();
    onChange();
    logger.info({ event: "tls.renewed" }, "certificate renewed");
  };
  const timer = setInterval(() => {
    renew().catch((err: unknown) => logger.error({ event: "tls.not_renewed", err }, "certificate not renewed"));
  }, renewalCheckMs);
  timer.unref();
  return {
    current: () => current,
    names: (host) => isBelow(host, domain) || host === domain,
    ...(domain.includes(".") ? {} : ofHosts(issuer, options)),
    onChange: (listener) => void (onChange = listener),
    close: async () => clearInterval(timer),
  };
}

interface Kept {
  readonly issuedAt: number;
  readonly pair: Promise<CertificatePair>;
  context?: Promise<SecureContext>;
}

/** The longest known goes first: a stranger who names many hosts costs others one more signature. */
function ofHosts(
  issuer: Issuer,
  { domain, clock }: LocalAuthorityOptions,
): Required<Pick<Certificates, "contextFor" | "pairFor">> {
  const kept = new Map<string, Kept>();
  const find = (serverName: string): Kept | undefined => {
    const host = serverName.toLowerCase();
    if (!isBelow(host, domain)) return undefined;
    const known = kept.get(host);
    const now = clock.now();
    if (known !== undefined && now - known.issuedAt < renewEveryMs) return known;
    const [oldest] = kept.keys();
    if (kept.size >= mostHosts && oldest !== undefined) kept.delete(oldest);
    const issued: Kept = { issuedAt: now, pair: issuer.issue([host], now) };
    kept.set(host, issued);
    return issued;
  };
  return {
    pairFor: async (serverName) => await find(serverName)?.pair,
    async contextFor(serverName) {
      const found = find(serverName);
      return found && (await (found.context ??= found.pair.then(contextOf)));
    },
  };
}

function contextOf(pair: CertificatePair): SecureContext {
  return createSecureContext({ ...tlsPolicy, ...pair });
}

/** One label below the domain. */
function isBelow(host: string, domain: string): boolean {
  return host.endsWith(`.${domain}`) && /^[a-z0-9-]{1,63}$/.test(host.slice(0, -domain.length - 1));
}
