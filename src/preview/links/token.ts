import { createHmac, timingSafeEqual } from "node:crypto";
import { decodeBase32, encodeBase32 } from "./base32.ts";

/**
 * A signed link's capability, 30 bytes in 48 base32 characters:
 *
 *     byte 0       version (high 4 bits, now 1) and key id (low 4 bits)
 *     byte 1..8    random link id
 *     byte 9..12   expiry, seconds since the epoch
 *     byte 13      flags, zero
 *     byte 14..29  HMAC-SHA256 over context, domain, port and bytes 0..13, truncated to 128 bits
 *
 * The MAC is checked before anything else is believed. It is necessary, not sufficient: the link
 * must also be live in the route table.
 */
export interface TokenClaims {
  readonly keyId: number;
  /** 16 lower-case hex digits. */
  readonly linkId: string;
  /** Milliseconds since the epoch, whole seconds. */
  readonly expiresAt: number;
}

/** Key id (0–15) to secret (32 bytes or more). Mint with one, verify with all. */
export interface SigningKeys {
  readonly currentId: number;
  readonly secrets: ReadonlyMap<number, Buffer>;
}

export interface TokenScope {
  readonly domain: string;
  readonly port: number;
}

/** What the token of a gated link is minted for: it proves nothing as a host name, nor at another sandbox. */
export function gatedScope(place: TokenScope & { readonly sandboxId: string }): TokenScope {
  return { domain: `gated\0${place.sandboxId}\0${place.domain}`, port: place.port };
}

const version = 1;
const headerBytes = 14;
const macBytes = 16;
const tokenBytes = headerBytes + macBytes;
export const tokenLength = (tokenBytes * 8) / 5;

export function mintToken(keys: SigningKeys, scope: TokenScope, claims: TokenClaims): string {
  const secret = keys.secrets.get(claims.keyId);
  if (secret === undefined) throw new RangeError(`no signing key with id ${claims.keyId}`);
  const bytes = Buffer.alloc(tokenBytes);
  bytes[0] = (version << 4) | claims.keyId;
  bytes.write(claims.linkId, 1, 8, "hex");
  bytes.writeUInt32BE(Math.floor(claims.expiresAt / 1000), 9);
  mac(secret, scope, bytes.subarray(0, headerBytes)).copy(bytes, headerBytes);
  return encodeBase32(bytes);
}

/** The claims of a token whose MAC holds for this scope, else undefined. Expiry is the caller's to judge. */
export function verifyToken(keys: SigningKeys, scope: TokenScope, token: string): TokenClaims | undefined {
  if (token.length !== tokenLength) return undefined;
  const bytes = decodeBase32(token);
  if (bytes === undefined) return undefined;
  const first = bytes[0] ?? 0;
  const secret = first >> 4 === version ? keys.secrets.get(first & 0x0f) : undefined;
  if (secret === undefined) return undefined;
  const header = bytes.subarray(0, headerBytes);
  if (!timingSafeEqual(mac(secret, scope, header), bytes.subarray(headerBytes))) return undefined;
  return { keyId: first & 0x0f, linkId: header.toString("hex", 1, 9), expiresAt: header.readUInt32BE(9) * 1000 };
}

function mac(secret: Buffer, scope: TokenScope, header: Buffer): Buffer {
  return createHmac("sha256", secret)
    .update(`dev-preview/link/v1\0${scope.domain}\0${scope.port}\0`)
    .update(header)
    .digest()
    .subarray(0, macBytes);
}
