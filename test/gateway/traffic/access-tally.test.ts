import { afterEach, expect, test, vi } from "vitest";
import { createAccessTally } from "../../../src/gateway/traffic/access-tally.ts";
import { createLogger } from "../../../src/logger.ts";
import type { NewAccess } from "../../../src/preview/events/event-store.ts";
import { requestTo, startPreview } from "../support/fixture.ts";
import { keys, mintLink } from "../support/harness.ts";

afterEach(() => {
  vi.useRealTimers();
});

const noon = Date.UTC(2030, 0, 1, 12);
const hour = 3_600_000;

function startTally(start = noon + 1) {
  const world = { now: start, away: false, told: [] as NewAccess[], calls: 0 };
  const tally = createAccessTally({
    keys,
    clock: { now: () => world.now },
    logger: createLogger("silent"),
    userOf: (id) => (id.startsWith("a") ? "ada" : undefined),
    async onAccesses(accesses) {
      world.calls += 1;
      if (world.away) throw new Error("away");
      world.told.push(...accesses);
    },
  });
  return Object.assign(world, { tally });
}

const { route } = mintLink(3000);
const forward = { kind: "forward", route, host: { publicOrigin: "http://x" } } as const;
const from = (address: string, agent = "Firefox") => ({ address, agent });

test("a visitor is told once for each link and hour, whatever many requests it sends", async () => {
  const { tally, told, ...world } = startTally();
  for (let count = 0; count < 100; count += 1) tally.record(forward, from("192.0.2.1"));
  await tally.flush();
  tally.record(forward, from("192.0.2.1"));
  tally.record({ ...forward, route: mintLink(3001).route }, from("192.0.2.1"));
  await tally.close();
  expect(world.now).toBe(noon + 1);
  expect(told).toHaveLength(2);
  expect(told[0]).toEqual({
    linkId: route.linkId,
    kind: "visitor",
    visitor: expect.stringMatching(/^[0-9a-f]{32}$/),
    hour: new Date(noon),
  });
});

test("the next hour is another one", async () => {
  const world = startTally();
  world.tally.record(forward, from("192.0.2.1"));
  world.now += hour;
  world.tally.record(forward, from("192.0.2.1"));
  await world.tally.close();
  expect(world.told.map((access) => access.hour)).toEqual([new Date(noon), new Date(noon + hour)]);
  expect(new Set(world.told.map(({ visitor }) => visitor)).size).toBe(1);
});

test("visitors are told apart by address and browser, of IPv6 by the network, and not across previews", async () => {
  const { tally, told } = startTally();
  for (const one of [from("192.0.2.1"), from("192.0.2.2"), from("192.0.2.1", "curl"), from("2001:db8::1")])
    tally.record(forward, one);
  tally.record(forward, from("2001:db8::2"));
  tally.record({ ...forward, route: mintLink(3001).route }, from("192.0.2.1"));
  await tally.close();
  expect(told).toHaveLength(5);
  expect(new Set(told.map(({ visitor }) => visitor)).size).toBe(5);
  expect(JSON.stringify(told)).not.toMatch(/192\.0\.2|2001:db8|Firefox|curl/);
});

test("a person is told by the session, a machine as one with a token", async () => {
  const { tally, told } = startTally();
  const gated = { ...route, gated: { org: "acme", project: "shop", guests: [] } };
  const sessionId = "a".repeat(64);
  tally.record({ ...forward, route: gated, sessionId }, from("192.0.2.1"));
  tally.record({ ...forward, route: gated, sessionId }, from("192.0.2.99"));
  tally.record({ ...forward, route: gated }, from("192.0.2.1"));
  await tally.close();
  expect(told).toMatchObject([
    { kind: "member", visitor: "a".repeat(16), userName: "ada" },
    { kind: "token", visitor: expect.stringMatching(/^[0-9a-f]{32}$/) },
  ]);
});

test("a flood of visitors of one link is a thousand entries and one for the others, and keeps nobody else from theirs", async () => {
  const { tally, told } = startTally();
  for (let index = 0; index < 5_000; index += 1) tally.record(forward, from(`10.0.${index >> 8}.${index & 255}`));
  tally.record({ ...forward, route: mintLink(3001).route }, from("192.0.2.1"));
  await tally.close();
  expect(told).toHaveLength(1_002);
  expect(told.filter(({ kind }) => kind === "others")).toEqual([
    { linkId: route.linkId, kind: "others", visitor: "", hour: new Date(noon) },
  ]);
});

test("floods of many links are bounded in all", async () => {
  const { tally, told } = startTally();
  for (let link = 0; link < 30; link += 1) {
    const flooded = { ...forward, route: mintLink(4000 + link).route };
    for (let index = 0; index < 1_100; index += 1) tally.record(flooded, from(`10.0.${index >> 8}.${index & 255}`));
  }
  await tally.close();
  expect(told.length).toBeLessThanOrEqual(20_000);
});

test("a person is told by the session while strangers flood this gateway, and once for each hour all the same", async () => {
  const { tally, told } = startTally();
  const victim = mintLink(3001).route;
  const gated = { ...victim, gated: { org: "acme", project: "shop", guests: [] } };
  const flood = (link: typeof victim) => {
    for (let index = 0; index < 1_100; index += 1)
      tally.record({ ...forward, route: link }, from(`10.0.${index >> 8}.${index & 255}`));
  };
  flood(gated);
  for (let link = 0; link < 30; link += 1) flood(mintLink(4000 + link).route);
  for (const sessionId of ["a".repeat(64), "b".repeat(64), "a".repeat(64)])
    tally.record({ ...forward, route: gated, sessionId }, from("192.0.2.1"));
  await tally.close();
  expect(told.filter(({ kind }) => kind === "member").map(({ visitor }) => visitor)).toEqual([
    "a".repeat(16),
    "b".repeat(16),
  ]);
});

test("what could not be written is handed over again, every few seconds", async () => {
  vi.useFakeTimers();
  const world = startTally();
  world.away = true;
  world.tally.record(forward, from("192.0.2.1"));
  await vi.advanceTimersByTimeAsync(11_000);
  expect([world.calls, world.told.length]).toEqual([2, 0]);
  world.away = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(world.told).toHaveLength(1);
  await world.tally.close();
});

test("whoever is served is told, and nobody who is not; what is left is told when the gateway closes", async () => {
  const told: NewAccess[] = [];
  const { harness, link } = await startPreview(undefined, {
    gateway: { onAccesses: async (accesses) => void told.push(...accesses) },
  });
  const client = await harness.connect();
  client.write(requestTo(link, "/", "User-Agent: x") + requestTo(link, "/a?b=SECRET", "User-Agent: x"));
  client.write(requestTo({ ...link, name: "stranger.test" }));
  for (let count = 0; count < 3; count += 1) await client.response();
  await harness.gateway.close();
  expect(told).toMatchObject([{ linkId: link.route.linkId, kind: "visitor" }]);
  expect(JSON.stringify(told)).not.toContain("SECRET");
});
