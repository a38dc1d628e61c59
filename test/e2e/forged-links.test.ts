import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeBase32, encodeBase32 } from "../../src/preview/links/base32.ts";
import { parseSigningKeys } from "../../src/preview/links/signing-keys.ts";
import { mintToken, verifyToken } from "../../src/preview/links/token.ts";
import type { SigningKeys, TokenClaims } from "../../src/preview/links/token.ts";
import { stateDir } from "../../src/state-dir.ts";
import { server } from "../preview/support/plane-under-test.ts";
import { endHome } from "./support/end-home.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";
import { rawRequest, rawUpgrade } from "./support/raw-request.ts";

let home: PlaneHome;
let plane: PlaneProcess;
/** The link that works, and what the plane signs with. */
let real: { port: number; token: string; claims: TokenClaims; keys: SigningKeys };
beforeAll(async () => {
  home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn" });
  plane = await startPlaneProcess(home);
  const { port = 0, token = "" } = await plane.client.start({ command: server("well") });
  const keys = parseSigningKeys((await readFile(stateDir(home.state).signingKeysFile, "utf8")).trim());
  real = { port, token, keys, claims: verifyToken(keys, { domain: "localhost", port }, token)! };
});
afterAll(() => endHome(home));

describe("a link", () => {
  const host = (token: string, { port = real.port, domain = "localhost" } = {}) => `${port}-${token}.${domain}`;
  const minted = (claims: Partial<TokenClaims>, { keys = real.keys, domain = "localhost" } = {}) =>
    mintToken(keys, { port: real.port, domain }, { ...real.claims, ...claims });

  /** What the gateway says to whoever names this host; the app is not asked. */
  async function refusedWith(name: string): Promise<number> {
    const to = { port: plane.gatewayPort, headers: { host: `${name}:${plane.gatewayPort}` } };
    const answers = [
      await rawRequest(to),
      await rawRequest({ ...to, method: "POST", body: "x" }),
      await rawUpgrade(to),
    ];
    for (const answer of answers) {
      expect(answer.headers).toHaveProperty("x-preview-status");
      expect(answer.body).not.toContain("well");
      expect(answer.status).toBe(answers[0]!.status);
    }
    return answers[0]!.status;
  }

  it.each([
    ["as it was given", (name: string) => name],
    ["in capitals", (name: string) => name.toUpperCase()],
    ["with the root's dot", (name: string) => `${name}.`],
  ])("%s is served", async (_, spelled) => {
    const headers = { host: spelled(host(real.token)) };
    const answer = await rawRequest({ port: plane.gatewayPort, headers });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain("<title>well</title>");
  });

  it.each([
    ["a forged token", () => host(encodeBase32(randomBytes(30)))],
    ["a token signed with another key", () => host(minted({}, { keys: otherKeys() }))],
    ["another port's token", () => host(real.token, { port: real.port + 1 })],
    ["a token of another domain", () => host(minted({}, { domain: "preview.example.com" }))],
    ["its token under another domain", () => host(real.token, { domain: "preview.example.com" })],
    ["a label too many", () => `x.${host(real.token)}`],
    ["half of its token", () => host(real.token.slice(0, 24))],
  ])("with %s is not found", async (_, forged) => {
    expect(await refusedWith(forged())).toBe(404);
  });

  it("with any byte of its token altered is not found", async () => {
    for (const at of [0, 1, 8, 9, 12, 13, 14, 29]) {
      const bytes = decodeBase32(real.token)!;
      bytes[at]! ^= 1;
      expect(await refusedWith(host(encodeBase32(bytes)))).toBe(404);
    }
  });

  it.each([
    ["expired", () => minted({ expiresAt: Date.now() - 1000 })],
    ["lives longer than the one that was recorded", () => minted({ expiresAt: real.claims.expiresAt + 3600_000 })],
    ["was never recorded", () => minted({ linkId: randomBytes(8).toString("hex") })],
  ])("that is genuine but %s has ended", async (_, token) => {
    expect(await refusedWith(host(token()))).toBe(410);
  });

  it("has ended once another took its place, and stays so", async () => {
    const before = await plane.client.start({ name: "rotated", command: server("well") });
    const after = await plane.client.url({ name: "rotated", rotate: true });
    expect(await refusedWith(new URL(before.previewUrl!).hostname)).toBe(410);
    expect((await plane.get(after.previewUrl!)).status).toBe(200);
  });

  it("has ended after a stop, and still has after the next start of the same preview", async () => {
    const before = await plane.client.start({ name: "stopped", command: server("well") });
    await plane.client.stop({ name: "stopped" });
    expect(await refusedWith(new URL(before.previewUrl!).hostname)).toBe(410);
    const after = await plane.client.start({ name: "stopped", command: server("well") });
    expect(after.token).not.toBe(before.token);
    expect(await refusedWith(new URL(before.previewUrl!).hostname)).toBe(410);
    expect((await plane.get(after.previewUrl!)).status).toBe(200);
  });

  function otherKeys(): SigningKeys {
    return { currentId: real.keys.currentId, secrets: new Map([[real.keys.currentId, randomBytes(32)]]) };
  }
});
