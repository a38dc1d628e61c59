import { expect, test } from "vitest";
import { parseSecondPort } from "../../../src/gateway/script/second-port.ts";

test.each([
  ["/.dev-preview/port/24678/", { port: 24678, target: "/" }],
  ["/.dev-preview/port/1024/a//b?c=/.dev-preview/port/1/", { port: 1024, target: "/a//b?c=/.dev-preview/port/1/" }],
  ["/.dev-preview/port/65535/%2e%2e/", { port: 65535, target: "/%2e%2e/" }],
])("%s names a port and a target", (target, expected) => {
  expect(parseSecondPort(target)).toEqual(expected);
});

test.each([
  "/",
  "/.dev-preview/port/24678",
  "/.dev-preview/port/24678?x",
  "/.dev-preview/port/1023/",
  "/.dev-preview/port/80/",
  "/.dev-preview/port/65536/",
  "/.dev-preview/port/024678/",
  "/.dev-preview/port/0x6066/",
  "/a/.dev-preview/port/24678/",
  "//.dev-preview/port/24678/",
])("%s does not", (target) => {
  expect(parseSecondPort(target)).toBeUndefined();
});
