import { describe, expect, it } from "vitest";
import type { TrafficReading } from "../../src/gateway/gateway.ts";
import type { Route } from "../../src/preview/route.ts";
import { createCalls } from "../../src/workers/calls.ts";
import type { CallMessage, Calls } from "../../src/workers/calls.ts";
import { createCountBoard } from "../../src/workers/count-board.ts";
import { routeDifference, sessionDifference } from "../../src/workers/feed-difference.ts";
import type { CountChanges } from "../../src/workers/messages.ts";
import { createReports } from "../../src/workers/reports.ts";
import { createRespawnPace } from "../../src/workers/respawn-pace.ts";
import { createRouteMirror } from "../../src/workers/route-mirror.ts";
import { createSharedCounts } from "../../src/workers/shared-counts.ts";
import { afterEnd, sumOf } from "../../src/workers/traffic-sum.ts";
import { mintLink } from "../gateway/support/harness.ts";
import { until } from "../support/until.ts";

const nothing: CountChanges = { previews: [], visitors: [], addresses: [], guesses: [] };

describe("counts of several workers", () => {
  it("are what each has and the others told, and are told once for each change", () => {
    let told = 0;
    const shared = createSharedCounts(() => (told += 1));
    const { previews, guesses } = shared.counts;
    previews.add("p");
    previews.add("p");
    guesses.add("g");
    expect(told).toBe(1);
    expect(shared.changes()).toEqual({ ...nothing, previews: [["p", 2]], guesses: [["g", 1]] });
    expect(shared.changes()).toBeUndefined();
    shared.takeOthers({ ...nothing, previews: [["p", 5]] });
    expect([previews.of("p"), previews.size()]).toEqual([7, 1]);
    guesses.clear();
    previews.remove("p");
    previews.remove("p");
    expect(shared.changes()).toEqual({ ...nothing, previews: [["p", 0]], guesses: [["g", 0]] });
    shared.takeOthers({ ...nothing, previews: [["p", 0]] });
    expect(previews.of("p")).toBe(0);
  });

  it("are handed on to all others, to who comes later, and end with a worker", async () => {
    const board = createCountBoard();
    const [one, two, three] = [{}, {}, {}];
    const seen = new Map<object, Map<string, number>>();
    const join = (worker: object) => {
      const counts = new Map<string, number>();
      seen.set(worker, counts);
      board.join(worker, ({ previews }) => previews.forEach(([key, count]) => counts.set(key, count)));
    };
    join(one);
    join(two);
    board.take(one, { ...nothing, previews: [["p", 3]] });
    board.take(two, { ...nothing, previews: [["p", 2]] });
    await until("each knows the other's", () => seen.get(one)?.get("p") === 2 && seen.get(two)?.get("p") === 3);
    join(three);
    expect(seen.get(three)?.get("p")).toBe(5);
    board.leave(one);
    await until("what it counted is over", () => seen.get(two)?.get("p") === 0 && seen.get(three)?.get("p") === 2);
    board.take(one, { ...nothing, previews: [["p", 9]] });
    board.close();
  });
});

describe("calls over a channel", () => {
  interface Asked {
    double(input: number): number;
    fail(input: undefined): void;
  }

  function pair(): Calls<Asked> {
    const ends: { take(message: CallMessage): void }[] = [];
    const near = createCalls<Asked, object>((message) => queueMicrotask(() => ends[1]?.take(message)), {});
    const far = createCalls<object, Asked>((message) => queueMicrotask(() => ends[0]?.take(message)), {
      double: (input) => input * 2,
      fail: () => Promise.reject(new Error("why it failed")),
    });
    ends.push(near, far);
    return near;
  }

  it("bring the answer to each question, and what went wrong", async () => {
    const calls = pair();
    expect(await Promise.all([calls.ask("double", 2), calls.ask("double", 3)])).toEqual([4, 6]);
    await expect(calls.ask("fail", undefined)).rejects.toThrow("why it failed");
  });

  it("end with the channel", async () => {
    const calls = createCalls<Asked, object>(() => {}, {});
    const unanswered = calls.ask("double", 1);
    calls.close();
    await expect(unanswered).rejects.toThrow("has ended");
  });
});

describe("the mirror of routes", () => {
  const clock = { now: () => 0 };
  const session = { id: "s", user: "ada", expiresAt: 10 };

  it("tells a snapshot that changes nothing to nobody, and else what it changes", () => {
    const [a, b] = [mintLink(1).route, mintLink(2).route];
    const moved: Route = { ...b, launchId: "another" };
    expect(routeDifference([a, b], [b, a])).toBeUndefined();
    expect(routeDifference([a, b], [a, moved])).toEqual({ previewIds: [b.previewId], routes: [moved] });
    expect(routeDifference([a, b], [a])).toEqual({ previewIds: [b.previewId], routes: [] });
    expect(sessionDifference([session], [session])).toBeUndefined();
    expect(sessionDifference([session], [])).toEqual({ ids: ["s"], sessions: [] });
    expect(sessionDifference([], [session])).toEqual({ ids: ["s"], sessions: [session] });
  });

  it("waits for whoever serves, and for nobody that has ended or does not serve yet", async () => {
    const mirror = createRouteMirror(clock);
    const sent: number[] = [];
    const subscriber = (serves: boolean) => ({
      send: (message: { type: string; number?: number }) => void (message.number && sent.push(message.number)),
      serves: () => serves,
    });
    const [one, starting] = [subscriber(true), subscriber(false)];
    mirror.join(one);
    mirror.join(starting);
    let settled = false;
    const told = Promise.resolve(mirror.listener.onSnapshot([mintLink(1).route])).then(() => (settled = true));
    expect(sent).toEqual([1, 1]);
    mirror.sessions.add(session);
    mirror.taken(one, 1);
    await Promise.resolve();
    expect(settled).toBe(false);
    mirror.taken(one, 2);
    await told;
    mirror.sessions.apply({ ids: ["s"], sessions: [] });
    const gone = mirror.settled();
    mirror.leave(one);
    await gone;
  });
});

it("a worker that keeps ending is replaced later and later, and at once after a quiet minute", () => {
  let now = 0;
  const pace = createRespawnPace({ now: () => now });
  expect([pace.next(), pace.next(), pace.next(), pace.next(), pace.next()]).toEqual([0, 0, 0, 500, 1_000]);
  for (let end = 0; end < 20; end += 1) pace.next();
  expect(pace.next()).toBe(30_000);
  now = 61_000;
  expect(pace.next()).toBe(0);
});

it("the traffic of all is the sum, and of one that ended what it did", () => {
  const reading: TrafficReading = {
    answered: [0, 1, 2],
    refused: new Map([["gone", 1]]),
    limited: new Map([["limitInvalidLinks", 2]]),
    aborted: 1,
    clients: 3,
    upstreams: 4,
    received: 5,
    sent: 6,
  };
  const sum = sumOf([reading, afterEnd(reading)]);
  expect(sum).toMatchObject({ answered: [0, 2, 4], aborted: 2, clients: 3, upstreams: 4, received: 10, sent: 12 });
  expect([sum.refused.get("gone"), sum.limited.get("limitInvalidLinks")]).toEqual([2, 4]);
});

it("reports leave together, equal refusals as one", async () => {
  const reports: object[] = [];
  const sink = createReports({ changes: () => undefined, send: (report) => reports.push(report) });
  const refused = { setting: "limitInvalidLinks", most: 1 } as const;
  sink.limit(refused);
  sink.limit(refused);
  sink.handled(1);
  sink.dial(2);
  await until("they leave", () => reports.length > 0);
  expect(reports).toEqual([{ limits: [{ refused, times: 2 }], handled: [1], dials: [2] }]);
  sink.close();
});
