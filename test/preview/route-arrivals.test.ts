import { expect, it } from "vitest";
import type { Route, RouteListener } from "../../src/preview/route.ts";
import { createRouteArrivals } from "../../src/preview/route-arrivals.ts";

async function follow({ healthy = true } = {}) {
  let listener: RouteListener | undefined;
  const arrivals = createRouteArrivals({
    start: async (given) => void (listener = given),
    healthy: () => healthy,
    close: async () => {},
  });
  await arrivals.feed.start({ onSnapshot: () => {}, onChange: () => {} });
  return { arrivals, change: listener!.onChange.bind(listener), snapshot: listener!.onSnapshot.bind(listener) };
}

const routeOf = (previewId: string) => ({ previewId, linkId: `${previewId}-link` }) as Route;

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol("open");
  await new Promise((resolve) => setImmediate(resolve));
  return (await Promise.race([promise, Promise.resolve(open)])) !== open;
}

it("waits until a change, or a snapshot, has no route of the preview any more", async () => {
  const { arrivals, change, snapshot } = await follow();
  const one = arrivals.untilDropped("one", async () => "ended");
  const two = arrivals.untilDropped("two", async () => "ended");
  await change({ previewIds: ["other"], routes: [] });
  await change({ previewIds: ["one"], routes: [routeOf("one")] });
  expect(await isSettled(one)).toBe(false);
  await change({ previewIds: ["one"], routes: [] });
  expect(await one).toBe("ended");
  expect(await isSettled(two)).toBe(false);
  await snapshot([routeOf("one")]);
  expect(await two).toBe("ended");
});

it("hears what comes before the call that ends the links has its answer", async () => {
  const { arrivals, change } = await follow();
  const ended = arrivals.untilDropped("one", async () => {
    await change({ previewIds: ["one"], routes: [] });
    return "ended";
  });
  expect(await isSettled(ended)).toBe(true);
});

it("waits for nothing where nothing changed, or no change is being received, and never for long", async () => {
  const { arrivals } = await follow();
  expect(await isSettled(arrivals.untilDropped("one", async () => undefined))).toBe(true);
  const deaf = await follow({ healthy: false });
  expect(await isSettled(deaf.arrivals.untilDropped("one", async () => "ended"))).toBe(true);
  expect(await arrivals.untilDropped("one", async () => "ended")).toBe("ended");
});
