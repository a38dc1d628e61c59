import { randomBytes, timingSafeEqual } from "node:crypto";
import { hashOf } from "../secrets.ts";

/** `dpk_<16 hex digits: id>_<43 base64url characters: 256 random bits>`. */
const pattern = /^dpk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

export interface ApiKeyText {
  readonly id: string;
  readonly secret: string;
}

export function newApiKeyId(): string {
  return randomBytes(8).toString("hex");
}

export function printApiKey({ id, secret }: ApiKeyText): string {
  return `dpk_${id}_${secret}`;
}

/** Undefined for any other text. */
export function parseApiKey(text: string): ApiKeyText | undefined {
  const [, id, secret] = pattern.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** Compares in a time that does not depend on where the two differ. */
export function isHashOf(hash: string, secret: string): boolean {
  return timingSafeEqual(Buffer.from(hash, "hex"), Buffer.from(hashOf(secret), "hex"));
}
