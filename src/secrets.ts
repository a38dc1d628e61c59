import { createHash, randomBytes } from "node:crypto";

/** 256 random bits, 43 base64url characters. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function isSecret(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9_-]{43}$/.test(text);
}

/**
 * SHA-256, hex: what is kept, and told to others, of a secret. One of 256 random bits needs no slow
 * hash: there is nothing to guess.
 */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
