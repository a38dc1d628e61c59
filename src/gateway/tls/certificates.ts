import type { SecureContext } from "node:tls";

/** PEM; the certificate may be followed by those that signed it. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** Where the gateway gets its certificates. */
export interface Certificates {
  /** What is shown to clients, unless the host that they name has one of its own. */
  current(): CertificatePair;
  /** The certificate of one host; undefined where the current one serves. */
  readonly contextFor?: (serverName: string) => Promise<SecureContext | undefined>;
  /** The same, as it is handed to another process; there whenever `contextFor` is. */
  readonly pairFor?: (serverName: string) => Promise<CertificatePair | undefined>;
  /** True when the current certificate is good for this host. */
  names(host: string): boolean;
  /** Told when `current` has changed. */
  onChange(listener: () => void): void;
  close(): Promise<void>;
}

/** What the gateway speaks of TLS, besides its certificates: nothing that HTTP/2 forbids (RFC 9113, 9.2). */
export const tlsPolicy = {
  minVersion: "TLSv1.2",
  ciphers: [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
  ].join(":"),
} as const;
