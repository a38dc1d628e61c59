import { createHash, randomBytes } from "node:crypto";

/** 256 random bits, base64url. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

export function isSecret(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** SHA-256, hex: what is kept, and told to others, of a secret that nobody can guess. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
