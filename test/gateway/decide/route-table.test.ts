import { beforeEach, expect, test } from "vitest";
import { createRouteTable } from "../../../src/gateway/decide/route-table.ts";
import type { RouteTable } from "../../../src/gateway/decide/route-table.ts";
import type { Route } from "../../../src/preview/route.ts";
import { mintLink } from "../support/harness.ts";

let links: string[];
let launches: Set<string>;
let table: RouteTable;

beforeEach(() => {
  links = [];
  launches = new Set();
  table = createRouteTable({
    onLinkGone: (linkId) => links.push(linkId),
    onLaunchGone: (launchId) => launches.add(launchId),
  });
});

function routeOf(preview: string, launch: string): Route {
  return mintLink(3000, { previewId: preview, launchId: launch }).route;
}

test("is unloaded until its first snapshot, even an empty one", () => {
  expect(table.loaded()).toBe(false);
  table.replaceAll([]);
  expect(table.loaded()).toBe(true);
});

test("a snapshot replaces everything and tells what is gone", () => {
  const [a, b, c] = [routeOf("p1", "l1"), routeOf("p2", "l2"), routeOf("p3", "l3")];
  table.replaceAll([a, b]);
  table.replaceAll([b, c]);
  expect([table.get(a.linkId), table.get(b.linkId), table.get(c.linkId)]).toEqual([undefined, b, c]);
  expect([links, [...launches]]).toEqual([[a.linkId], ["l1"]]);
});

test("a change touches the previews it names and no other", () => {
  const [a, b] = [routeOf("p1", "l1"), routeOf("p2", "l2")];
  table.replaceAll([a, b]);
  table.apply({ previewIds: ["p1", "unknown"], routes: [] });
  expect([table.get(a.linkId), table.get(b.linkId)]).toEqual([undefined, b]);
  expect([links, [...launches]]).toEqual([[a.linkId], ["l1"]]);
});

test("a rotated link is gone, its launch is not", () => {
  const [old, next] = [routeOf("p1", "l1"), routeOf("p1", "l1")];
  table.replaceAll([old]);
  table.apply({ previewIds: ["p1"], routes: [next] });
  expect([table.get(old.linkId), table.get(next.linkId)]).toEqual([undefined, next]);
  expect([links, launches.size]).toEqual([[old.linkId], 0]);
});

test("a link that follows to a new launch is cut once, and the old launch is gone", () => {
  const old = routeOf("p1", "l1");
  table.replaceAll([old]);
  table.apply({ previewIds: ["p1"], routes: [{ ...old, launchId: "l2" }] });
  expect(table.get(old.linkId)?.launchId).toBe("l2");
  expect([links, [...launches]]).toEqual([[old.linkId], ["l1"]]);
});

test("the new route is in place before the old one is cut", () => {
  const old = routeOf("p1", "l1");
  let seen: string | undefined;
  table = createRouteTable({
    onLinkGone: (linkId) => {
      seen = table.get(linkId)?.launchId;
    },
    onLaunchGone: () => {},
  });
  table.replaceAll([old]);
  table.apply({ previewIds: ["p1"], routes: [{ ...old, launchId: "l2" }] });
  expect(seen).toBe("l2");
});

test("a crash keeps the route, to tell of it, and cuts what is open", () => {
  const old = routeOf("p1", "l1");
  table.replaceAll([old]);
  table.apply({ previewIds: ["p1"], routes: [{ ...old, state: "crashed" }] });
  expect(table.get(old.linkId)?.state).toBe("crashed");
  expect([links, [...launches]]).toEqual([[old.linkId], ["l1"]]);
});

test("a change that changes nothing cuts nothing", () => {
  const old = routeOf("p1", "l1");
  table.replaceAll([old]);
  table.apply({ previewIds: ["p1"], routes: [{ ...old, state: "unhealthy" }] });
  table.replaceAll([old]);
  expect([links, launches.size]).toEqual([[], 0]);
});
