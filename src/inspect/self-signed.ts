import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

export interface SelfSigned {
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  /** SHA-256 of the public key, base64: what a browser is told to trust. */
  readonly fingerprint: string;
}

const ecdsaWithSha256 = Buffer.from("06082a8648ce3d040302", "hex");
const commonName = Buffer.from("0603550403", "hex");
const version3 = Buffer.from("a003020102", "hex");
const dayMs = 86_400_000;

/**
 * A certificate for one browser's connection to the gateway, made anew for each: the browser
 * trusts this one key by its fingerprint, and nothing else is trusted because of it. X.509
 * version 3 without extensions: only the key counts.
 */
export function createSelfSigned(now: number): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  const algorithm = sequence(ecdsaWithSha256);
  const name = sequence(tlv(0x31, sequence(commonName, tlv(0x0c, Buffer.from("dev-preview")))));
  const validity = sequence(time(now - dayMs), time(now + 30 * dayMs));
  // the high bit would make the serial number negative
  const serial = tlv(0x02, Buffer.concat([Buffer.of(0x01), randomBytes(8)]));
  const body = sequence(version3, serial, algorithm, name, validity, name, spki);
  const signature = tlv(0x03, Buffer.concat([Buffer.of(0), sign("sha256", body, privateKey)]));
  const certificate = sequence(body, algorithm, signature);
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`,
    fingerprint: createHash("sha256").update(spki).digest("base64"),
  };
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

/** DER: tag, length in its shortest form, value. */
function tlv(tag: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag, ...lengthBytes(value.length)), value]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

/** UTCTime, whole seconds; good until 2049. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().slice(2, 19).replaceAll(/[-T:]/g, "");
  return tlv(0x17, Buffer.from(`${digits}Z`));
}
