import { expect, test } from "vitest";
import { admitToPolicies } from "../../../src/gateway/script/content-policy.ts";

const scriptHash = "'sha256-ours'";
const socketOrigin = "wss://5173-token.preview.test";
const admit = (header: string) => admitToPolicies(header, { scriptHash, socketOrigin });

test.each([
  // nothing restricts inline scripts or sockets
  "",
  "img-src 'self'",
  "script-src 'unsafe-inline'",
  "script-src 'self' 'UNSAFE-INLINE' https:",
  "default-src 'unsafe-inline' https:",
  "script-src-elem 'unsafe-inline'; script-src 'none'",
  "sandbox allow-scripts; upgrade-insecure-requests; frame-ancestors 'none'",
  "script-src-attr 'none'",
  // sockets that the app refuses, or allows everywhere, or to others only
  "connect-src 'none'",
  "connect-src *",
  "connect-src ws: wss:",
  "connect-src https://api.test localhost.test http://127.0.0.1.test",
  // of two equal directives the first counts
  "script-src 'unsafe-inline'; script-src 'none'",
])("%j stays as it is", (policy) => {
  expect(admit(policy)).toBe(policy);
});

test.each([
  ["script-src 'self'", `script-src 'self' ${scriptHash}`],
  ["script-src", `script-src ${scriptHash}`],
  ["script-src 'none'", `script-src ${scriptHash}`],
  ["Script-Src 'NONE'; img-src *", `Script-Src ${scriptHash}; img-src *`],
  ["img-src *;  script-src\t'self'  https: ;", `img-src *;  script-src 'self' https: ${scriptHash};`],
  ["script-src 'nonce-abc'", `script-src 'nonce-abc' ${scriptHash}`],
  ["script-src 'nonce-abc' 'unsafe-inline'", `script-src 'nonce-abc' 'unsafe-inline' ${scriptHash}`],
  ["script-src 'sha384-abc' 'unsafe-inline'", `script-src 'sha384-abc' 'unsafe-inline' ${scriptHash}`],
  ["script-src 'strict-dynamic' 'unsafe-inline'", `script-src 'strict-dynamic' 'unsafe-inline' ${scriptHash}`],
  ["script-src 'none'; script-src 'unsafe-inline'", `script-src ${scriptHash}; script-src 'unsafe-inline'`],
  [
    "script-src-elem https:; script-src 'unsafe-inline'",
    `script-src-elem https: ${scriptHash}; script-src 'unsafe-inline'`,
  ],
])("%j admits the script", (policy, admitted) => {
  expect(admit(policy)).toBe(admitted);
});

test.each([
  ["connect-src 'self'", `connect-src 'self' ${socketOrigin}`],
  ["connect-src ws://localhost:5173", `connect-src ws://localhost:5173 ${socketOrigin}`],
  ["connect-src localhost:*", `connect-src localhost:* ${socketOrigin}`],
  ["connect-src http://127.0.0.1", `connect-src http://127.0.0.1 ${socketOrigin}`],
  ["connect-src [::1]:*", `connect-src [::1]:* ${socketOrigin}`],
])("%j admits the sockets", (policy, admitted) => {
  expect(admit(policy)).toBe(admitted);
});

test.each([
  ["default-src 'none'", `default-src 'none'; script-src ${scriptHash}`],
  ["default-src 'self'", `default-src 'self'; script-src 'self' ${scriptHash}; connect-src 'self' ${socketOrigin}`],
  [
    "default-src 'self' 'unsafe-inline'; img-src *",
    `default-src 'self' 'unsafe-inline'; img-src *; connect-src 'self' 'unsafe-inline' ${socketOrigin}`,
  ],
  [
    "default-src https:; connect-src 'self'",
    `default-src https:; connect-src 'self' ${socketOrigin}; script-src https: ${scriptHash}`,
  ],
])("%j is narrowed for scripts and sockets alone", (policy, admitted) => {
  expect(admit(policy).split("; ").toSorted()).toEqual(admitted.split("; ").toSorted());
});

test("each policy of a list is admitted to by itself", () => {
  expect(admit("script-src 'self', script-src 'unsafe-inline',connect-src 'self'")).toBe(
    `script-src 'self' ${scriptHash}, script-src 'unsafe-inline',connect-src 'self' ${socketOrigin}`,
  );
});

test("a hostile policy of 100 KB is read in linear time", () => {
  const startedAt = performance.now();
  for (const part of [" ", ";", ",", "a;", "script-src ", "default-src 'self';"])
    admit(part.repeat(100_000 / part.length) + "x");
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
