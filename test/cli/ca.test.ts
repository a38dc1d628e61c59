import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openLocalAuthority } from "../../src/gateway/tls/local-authority.ts";
import { createLogger } from "../../src/logger.ts";
import { createPlace, runCli } from "./support/run-cli.ts";
import type { Place } from "./support/run-cli.ts";

let place: Place;
beforeEach(() => {
  place = createPlace();
});
afterEach(() => place.remove());

it("ca without an authority says how one is made, and makes none", async () => {
  const { code, stdout, stderr } = await runCli(place, ["ca"]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("dev-preview serve --tls-local");
  expect(existsSync(place.state.root)).toBe(false);
});

it("ca prints where the authority is, what it is good for, and how to trust it", async () => {
  const directory = place.state.authorityDir;
  const clock = { now: () => Date.now() };
  const options = { directory, domain: "localhost", clock, logger: createLogger("silent") };
  await (await openLocalAuthority(options)).close();
  const path = join(directory, "localhost.crt");
  const { fingerprint256 } = new X509Certificate(readFileSync(path));
  const { code, stdout } = await runCli(place, ["ca"]);
  expect(code).toBe(0);
  for (const text of [path, fingerprint256, "update-ca-certificates", "add-trusted-cert", "NODE_EXTRA_CA_CERTS"])
    expect(stdout).toContain(text);
  expect(stdout).not.toContain("localhost.key");
});
