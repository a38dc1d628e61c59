import { expect, test } from "vitest";
import { decide } from "../../../src/gateway/decide/decide.ts";
import type { DecisionWorld } from "../../../src/gateway/decide/decide.ts";
import type { PreviewHost } from "../../../src/gateway/decide/preview-host.ts";
import type { Route } from "../../../src/preview/route.ts";
import { mintLink } from "../support/harness.ts";

const { route } = mintLink(5173);
const host: PreviewHost = {
  linkId: route.linkId,
  tokenHash: route.tokenHash,
  expiresAt: route.expiresAt,
  port: 5173,
  publicOrigin: "http://x",
};

function worldWith(
  change: Partial<DecisionWorld> & { route?: Route | undefined; loaded?: boolean } = {},
): DecisionWorld {
  const live = "route" in change ? change.route : route;
  return {
    verifyHost: (name) => (name === "genuine" ? host : undefined),
    routes: { get: (linkId) => (linkId === route.linkId ? live : undefined), loaded: () => change.loaded ?? true },
    clock: { now: () => route.expiresAt - 1 },
    ...change,
  };
}

const genuine = { host: "genuine", target: "/" };

function statusOf(world: DecisionWorld, request: Parameters<typeof decide>[0] = genuine): number | string {
  const decision = decide(request, world);
  return decision.kind === "respond" ? decision.answer.status : decision.kind;
}

test("a live link of a ready preview is forwarded with its route and host", () => {
  expect(decide(genuine, worldWith())).toEqual({ kind: "forward", route, host });
});

test("a name that does not verify is 404 before the registry is looked at", () => {
  const untouched = {
    get: () => expect.unreachable("looked up"),
    loaded: () => expect.unreachable("asked"),
  };
  for (const name of ["forged", undefined])
    expect(statusOf(worldWith({ routes: untouched }), { host: name, target: "/" })).toBe(404);
});

test("an expired token is 410, even while the registry is unknown; a live one waits for it with 503", () => {
  expect(statusOf(worldWith({ loaded: false, clock: { now: () => route.expiresAt } }))).toBe(410);
  expect(statusOf(worldWith({ loaded: false }))).toBe(503);
});

test.each([
  ["absent", undefined],
  ["of another token", { ...route, tokenHash: "0".repeat(64) }],
  ["of another port", { ...route, port: 5174 }],
  ["that ended early", { ...route, expiresAt: route.expiresAt - 10 }],
])("a route %s is 410", (_what, other) => {
  expect(statusOf(worldWith({ route: other }))).toBe(410);
});

test("a target with a host of its own is 400 for a live link and no oracle for a dead one", () => {
  const absolute = { host: "genuine", target: "http://elsewhere/" };
  expect(statusOf(worldWith(), absolute)).toBe(400);
  expect(statusOf(worldWith({ route: undefined }), absolute)).toBe(410);
  expect(statusOf(worldWith(), { host: "genuine", target: "*" })).toBe("forward");
});

test.each([
  ["starting", 503],
  ["idle", 503],
  ["crashed", 502],
  ["stopped", 410],
  ["ready", "forward"],
  ["unhealthy", "forward"],
] as const)("a preview that is %s without a listener gives %s", (state, expected) => {
  const { listener: _listener, ...bare } = route;
  expect(statusOf(worldWith({ route: { ...bare, state } }))).toBe(expected);
});

test("a starting preview that listens is forwarded", () => {
  expect(statusOf(worldWith({ route: { ...route, state: "starting" } }))).toBe("forward");
});
