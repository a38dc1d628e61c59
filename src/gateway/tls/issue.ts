// tsyringe, below the X.509 package, wants it to be there first
// oxlint-disable-next-line import/no-unassigned-import
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { CertificatePair } from "./certificates.ts";
import { constrainTo } from "./name-constraints.ts";

export const dayMs = 86_400_000;
const authorityDays = 5 * 365;
const leafDays = 30;
/** Clocks of browsers may be behind. */
const backdatedMs = dayMs;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** An authority for one domain, in PEM. */
export async function makeAuthority(domain: string, now: number): Promise<CertificatePair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [`dev-preview local authority for ${domain}`] }],
    ...validity(now, authorityDays),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      constrainTo(domain),
    ],
  });
  return { cert: `${certificate.toString("pem")}\n`, key: await exportKey(keys.privateKey) };
}

/** Issues certificates for hosts; all of them have one key, which lives as long as the process. */
export interface Issuer {
  issue(names: readonly string[], now: number): Promise<CertificatePair>;
}

export async function createIssuer(authority: CertificatePair): Promise<Issuer> {
  const issuer = new X509Certificate(authority.cert);
  const signingKey = await importKey(authority.key);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const key = await exportKey(keys.privateKey);
  return {
    async issue(names, now) {
      const certificate = await X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: [{ CN: ["dev-preview"] }],
        issuer: issuer.subject,
        ...validity(now, leafDays),
        signingAlgorithm: algorithm,
        publicKey: keys.publicKey,
        signingKey,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          new SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
          await SubjectKeyIdentifierExtension.create(keys.publicKey),
          await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
        ],
      });
      return { cert: `${certificate.toString("pem")}\n`, key };
    },
  };
}

/** Positive, and unguessable. */
function serialNumber(): string {
  return `01${randomBytes(15).toString("hex")}`;
}

function validity(now: number, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - backdatedMs), notAfter: new Date(now + days * dayMs) };
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${der.replaceAll(/(.{64})/g, "$1\n").trim()}\n-----END PRIVATE KEY-----\n`;
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
  return await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}
