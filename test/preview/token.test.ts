import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mintToken, tokenLength, verifyToken } from "../../src/preview/links/token.ts";
import { hashOf } from "../../src/secrets.ts";
import type { SigningKeys, TokenClaims } from "../../src/preview/links/token.ts";

const keys: SigningKeys = {
  currentId: 3,
  secrets: new Map([
    [3, randomBytes(32)],
    [2, randomBytes(32)],
  ]),
};
const scope = { domain: "localhost", port: 20001 };
const claims: TokenClaims = { keyId: 3, linkId: "0123456789abcdef", expiresAt: 1_900_000_000_000 };

describe("token", () => {
  it("gives back the claims it was minted with", () => {
    expect(verifyToken(keys, scope, mintToken(keys, scope, claims))).toEqual(claims);
  });

  it("holds for every link id, expiry and key, and fits a host label with any port", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.constantFrom(2, 3),
        fc.integer({ min: 1, max: 65535 }),
        (id, seconds, keyId, port) => {
          const minted = { keyId, linkId: Buffer.from(id).toString("hex"), expiresAt: seconds * 1000 };
          const token = mintToken(keys, { ...scope, port }, minted);
          expect(token).toMatch(/^[a-z2-7]{48}$/);
          expect(`${port}-${token}`.length).toBeLessThanOrEqual(63);
          expect(verifyToken(keys, { ...scope, port }, token)).toEqual(minted);
        },
      ),
    );
  });

  it("is refused after any single character was altered", () => {
    const token = mintToken(keys, scope, claims);
    for (let index = 0; index < tokenLength; index += 1) {
      const altered = token.slice(0, index) + (token[index] === "a" ? "b" : "a") + token.slice(index + 1);
      expect(verifyToken(keys, scope, altered), `character ${index}`).toBeUndefined();
    }
  });

  it("is refused for another port, another domain and another key", () => {
    const token = mintToken(keys, scope, claims);
    expect(verifyToken(keys, { ...scope, port: 20002 }, token)).toBeUndefined();
    expect(verifyToken(keys, { ...scope, domain: "example.com" }, token)).toBeUndefined();
    const others = { currentId: 3, secrets: new Map([[3, randomBytes(32)]]) };
    expect(verifyToken(others, scope, token)).toBeUndefined();
  });

  it("is verified by the older of two live keys, and refused once that key is gone", () => {
    const token = mintToken(keys, scope, { ...claims, keyId: 2 });
    expect(verifyToken(keys, scope, token)?.keyId).toBe(2);
    const rotated = { currentId: 3, secrets: new Map([...keys.secrets].filter(([id]) => id === 3)) };
    expect(verifyToken(rotated, scope, token)).toBeUndefined();
  });

  it("never throws on text that is no token", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        expect(verifyToken(keys, scope, text)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz234567".split("")),
          minLength: 48,
          maxLength: 48,
        }),
        (text) => {
          expect(verifyToken(keys, scope, text)).toBeUndefined();
        },
      ),
    );
  });

  it("is told apart by its hash alone", () => {
    const token = mintToken(keys, scope, claims);
    expect(hashOf(token)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf(token)).not.toContain(token);
  });
});
