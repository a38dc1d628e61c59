import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { SecureContext } from "node:tls";
import { tlsPolicy } from "../gateway/tls/certificates.ts";
import type { CertificatePair, Certificates } from "../gateway/tls/certificates.ts";

export interface WorkerCertificates extends Certificates {
  /** The plane has another one now. */
  replace(pair: CertificatePair): void;
}

interface Options {
  readonly pair: CertificatePair;
  /** Asks the plane for the certificate of one host; absent: all have the same. */
  readonly ask?: (serverName: string) => Promise<CertificatePair | undefined>;
}

/** They live for weeks beyond: the plane is asked again long before. */
const keptMs = 3_600_000;
const mostHosts = 1_000;

/** The plane's certificates in a worker, which has no file of them. */
export function createWorkerCertificates({ pair, ask }: Options): WorkerCertificates {
  let current = pair;
  let leaf = new X509Certificate(pair.cert);
  let onChange = () => {};
  return {
    current: () => current,
    ...(ask && { contextFor: rememberedContexts(ask) }),
    names: (host) => leaf.checkHost(host) !== undefined,
    onChange: (listener) => void (onChange = listener),
    replace(next) {
      current = next;
      leaf = new X509Certificate(next.cert);
      onChange();
    },
    close: async () => {},
  };
}

interface Kept {
  readonly since: number;
  readonly context: Promise<SecureContext | undefined>;
}

function rememberedContexts(ask: NonNullable<Options["ask"]>): NonNullable<Certificates["contextFor"]> {
  const kept = new Map<string, Kept>();
  const make = async (host: string) => {
    const pair = await ask(host);
    return pair && createSecureContext({ ...tlsPolicy, ...pair });
  };
  return async (serverName) => {
    const host = serverName.toLowerCase();
    const known = kept.get(host);
    if (known !== undefined && performance.now() - known.since < keptMs) return await known.context;
    const [oldest] = kept.keys();
    if (kept.size >= mostHosts && oldest !== undefined) kept.delete(oldest);
    const context = make(host);
    kept.set(host, { since: performance.now(), context });
    // what failed is tried again
    context.catch(() => kept.delete(host));
    return await context;
  };
}
