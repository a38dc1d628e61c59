import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  hostWithoutPort,
  parseGatedHost,
  parseGatedLabel,
  parseSignedHost,
  printGatedHost,
  printSignedHost,
} from "../../src/preview/links/host-name.ts";
import { gatedScope, mintToken, tokenLength, verifyToken } from "../../src/preview/links/token.ts";
import type { SigningKeys } from "../../src/preview/links/token.ts";
import { anyText, fuzz, letterOf, mutated } from "./support/fuzz.ts";

const keys: SigningKeys = {
  currentId: 1,
  secrets: new Map([
    [1, Buffer.alloc(32, 1)],
    [2, Buffer.alloc(32, 2)],
  ]),
};
const base32 = "abcdefghijklmnopqrstuvwxyz234567";
const ports = fc.integer({ min: 1, max: 65535 });
const domains = fc.constantFrom("localhost", "preview.test", "a.b.c.example.com");
const tokens = fc.string({ unit: letterOf(base32), minLength: tokenLength, maxLength: tokenLength });
const words = fc.string({ unit: letterOf("abcxyz0189"), minLength: 1, maxLength: 12 });
const sandboxIds = fc.tuple(words, words).map(([driver, id]) => `${driver}-${id}`);
/** What browsers and people do to a name without changing it. */
const dressings = fc.constantFrom(
  (name: string) => name,
  (name: string) => name.toUpperCase(),
  (name: string) => `${name}.`,
  (name: string) => `${name}:4781`,
  (name: string) => `${name}.:80`,
);
const letters = `${base32}0189ABZ.-:_@/\\ \t\0é%[]`;

describe("a host name", () => {
  it("of a signed link is read as what it was printed from, however it is written", () =>
    fuzz(fc.tuple(ports, tokens, domains, dressings), ([port, token, domain, dress]) => {
      const name = printSignedHost({ port, token }, domain);
      expect(parseSignedHost(dress(name), domain)).toEqual({ port, token });
      expect(parseGatedHost(dress(name), domain)).toBeUndefined();
    }));

  it("of a gated link is read as what it was printed from, however it is written", () =>
    fuzz(fc.tuple(ports, sandboxIds, domains, dressings), ([port, sandboxId, domain, dress]) => {
      const name = printGatedHost({ port, sandboxId }, domain);
      expect(parseGatedHost(dress(name), domain)).toEqual({ port, sandboxId });
      expect(parseSignedHost(dress(name), domain)).toBeUndefined();
    }));

  const nearMisses = fc
    .tuple(ports, fc.oneof(tokens, sandboxIds), domains)
    .chain(([port, second, domain]) =>
      mutated(`${port}-${second}.${domain}`, letters).map((header) => ({ header, domain })),
    );

  it("that is nearly one is refused, or is the one name of what it is read as", () =>
    fuzz(nearMisses, ({ header, domain }) => {
      const [signed, gated] = [parseSignedHost(header, domain), parseGatedHost(header, domain)];
      expect(signed !== undefined && gated !== undefined).toBe(false);
      if (signed) expect(printSignedHost(signed, domain)).toBe(hostWithoutPort(header));
      if (gated) expect(printGatedHost(gated, domain)).toBe(hostWithoutPort(header));
    }));

  it("of any other text is refused without a word", () =>
    fuzz(anyText, (text) => {
      expect(parseSignedHost(text, "localhost")).toBeUndefined();
      expect(parseGatedHost(text, "localhost")).toBeUndefined();
      const label = parseGatedLabel(text);
      if (label) expect(`${label.port}-${label.sandboxId}`).toBe(text);
    }));
});

describe("a token", () => {
  const claims = fc.record({
    keyId: fc.constantFrom(1, 2),
    linkId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((id) => id.toString(16).padStart(16, "0")),
    expiresAt: fc.integer({ min: 0, max: 0xffff_ffff }).map((seconds) => seconds * 1000),
  });
  const minted = fc.tuple(claims, ports, domains, sandboxIds).map(([claim, port, domain, sandboxId]) => {
    const scopes = { signed: { domain, port }, gated: gatedScope({ domain, port, sandboxId }) };
    return { scopes, claim, token: mintToken(keys, scopes.signed, claim), gated: mintToken(keys, scopes.gated, claim) };
  });

  it("gives back its claims in its own scope and in no other", () =>
    fuzz(fc.tuple(minted, minted), ([one, other]) => {
      expect(verifyToken(keys, one.scopes.signed, one.token)).toEqual(one.claim);
      expect(verifyToken(keys, one.scopes.gated, one.gated)).toEqual(one.claim);
      expect(verifyToken(keys, one.scopes.gated, one.token)).toBeUndefined();
      expect(verifyToken(keys, one.scopes.signed, one.gated)).toBeUndefined();
      if (JSON.stringify(one.scopes.signed) !== JSON.stringify(other.scopes.signed))
        expect(verifyToken(keys, other.scopes.signed, one.token)).toBeUndefined();
      expect(verifyToken({ ...keys, secrets: new Map([[3, Buffer.alloc(32, 1)]]) }, one.scopes.signed, one.token)).toBe(
        undefined,
      );
    }));

  it("that was changed in any way proves nothing", () =>
    fuzz(
      minted.chain((one) => mutated(one.token, `${base32}0189AZ`).map((token) => ({ ...one, changed: token }))),
      ({ scopes, token, changed }) => {
        if (changed !== token) expect(verifyToken(keys, scopes.signed, changed)).toBeUndefined();
      },
    ));

  it("made of any text proves nothing, and nothing is thrown", () =>
    fuzz(fc.oneof(anyText, tokens, fc.string({ minLength: tokenLength, maxLength: tokenLength })), (text) => {
      expect(verifyToken(keys, { domain: "localhost", port: 80 }, text)).toBeUndefined();
      expect(verifyToken(keys, { domain: text, port: 80 }, text)).toBeUndefined();
    }));
});
