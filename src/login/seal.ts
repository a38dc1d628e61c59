import { createHmac, timingSafeEqual } from "node:crypto";
import type { SigningKeys } from "../preview/links/token.ts";

/** What a sealed text is for: one that was sealed for something else does not open. */
export type SealPurpose = "visit" | "wish" | "flow" | "ticket";

/**
 * `<key id>.<payload, JSON in base64url>.<HMAC-SHA256 in base64url>`. The payload can be read by who
 * holds it, and not be changed. Whether it is over is for its reader to judge.
 */
export function seal(keys: SigningKeys, purpose: SealPurpose, payload: object): string {
  const body = `${keys.currentId}.${Buffer.from(JSON.stringify(payload)).toString("base64url")}`;
  const secret = keys.secrets.get(keys.currentId);
  if (secret === undefined) throw new RangeError(`no signing key with id ${keys.currentId}`);
  return `${body}.${macOf(secret, purpose, body).toString("base64url")}`;
}

const sealed = /^(\d{1,2})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;
/** Browsers keep no longer cookie. */
const longest = 4096;

/** The payload of a text that was sealed with a live key for this purpose, else undefined. */
export function unseal(keys: SigningKeys, purpose: SealPurpose, text: string): unknown {
  const [, keyId, payload = "", mac = ""] = text.length > longest ? [] : (sealed.exec(text) ?? []);
  const secret = keyId === undefined ? undefined : keys.secrets.get(Number(keyId));
  if (secret === undefined) return undefined;
  const expected = macOf(secret, purpose, `${keyId}.${payload}`);
  const given = Buffer.from(mac, "base64url");
  // the last character has bits to spare: a text is sealed in one spelling only
  if (!timingSafeEqual(expected, given) || given.toString("base64url") !== mac) return undefined;
  const parsed: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
  return parsed;
}

function macOf(secret: Buffer, purpose: SealPurpose, body: string): Buffer {
  return createHmac("sha256", secret).update(`dev-preview/${purpose}/v1\0`).update(body).digest();
}
