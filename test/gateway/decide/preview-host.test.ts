import { expect, test } from "vitest";
import { createHostVerifier } from "../../../src/gateway/decide/preview-host.ts";
import { hashOf } from "../../../src/secrets.ts";
import { domain, keys, mintLink } from "../support/harness.ts";

const address = { domain, scheme: "http", port: 8080 } as const;

test("a genuine host tells its link, its token's hash, its expiry and its origin", () => {
  const { route, token, name } = mintLink(5173);
  expect(createHostVerifier(keys, address)(`${name}:8080`)).toEqual({
    linkId: route.linkId,
    tokenHash: hashOf(token),
    expiresAt: route.expiresAt,
    port: 5173,
    publicOrigin: `http://${name}:8080`,
  });
});

/** Keys that count how often a MAC is computed with them. */
function countingKeys() {
  const counts = { macs: 0 };
  const secrets = new (class extends Map<number, Buffer> {
    override get(id: number) {
      counts.macs++;
      return super.get(id);
    }
  })(keys.secrets);
  return { counts, keys: { currentId: 3, secrets } };
}

test("a verdict is remembered, a refusal is not", () => {
  const counting = countingKeys();
  const verify = createHostVerifier(counting.keys, address);
  const genuine = mintLink(5173).name;
  const forged = mintLink(5173, { minted: { currentId: 3, secrets: new Map([[3, Buffer.alloc(32, 9)]]) } }).name;
  expect([verify(genuine), verify(genuine)].every((host) => host !== undefined)).toBe(true);
  expect(counting.counts.macs).toBe(1);
  expect([verify(forged), verify(forged)]).toEqual([undefined, undefined]);
  expect(counting.counts.macs).toBe(3);
});

test("what is remembered is bounded: spellings of one name do not pile up", () => {
  const counting = countingKeys();
  const verify = createHostVerifier(counting.keys, address);
  const { name } = mintLink(5173);
  for (let round = 0; round <= 10_000; round++) {
    let letters = 0;
    // digits have one spelling: only letters tell the rounds apart
    const spelled = name.replace(/[a-z]/g, (letter) =>
      (round >> (letters++ % 16)) & 1 ? letter.toUpperCase() : letter,
    );
    expect(verify(spelled)?.publicOrigin).toBe(`http://${name}:8080`);
  }
  const before = counting.counts.macs;
  expect(verify(name)).toBeDefined();
  expect(counting.counts.macs).toBe(before + 1);
});
