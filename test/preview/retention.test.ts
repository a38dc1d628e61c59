import { expect, test } from "vitest";
import { createLogger } from "../../src/logger.ts";
import { startRetention } from "../../src/preview/sleep/retention.ts";
import { until } from "../support/until.ts";

const day = 24 * 3_600_000;

function startOn(left: { events: number; accesses: number }, isAway = false) {
  const asked: [string, Date][] = [];
  const store = (name: "events" | "accesses") => ({
    async sweep(before: Date) {
      asked.push([name, before]);
      if (isAway) throw new Error("away");
      const swept = Math.min(5_000, left[name]);
      left[name] -= swept;
      return swept;
    },
  });
  const db = { events: store("events"), accesses: store("accesses") } as never;
  const now = Date.UTC(2030, 0, 100);
  const options = { clock: { now: () => now }, logger: createLogger("silent"), eventDays: 90, accessDays: 30 };
  return { asked, left, now, retention: startRetention({ db, ...options }) };
}

test("what is older than the retention is deleted when a plane starts, step by step", async () => {
  const { asked, left, now, retention } = startOn({ events: 12_000, accesses: 1 });
  await until("all is swept", () => left.events === 0 && left.accesses === 0);
  await retention.close();
  expect(asked.filter(([name]) => name === "events").length).toBeGreaterThanOrEqual(3);
  expect(asked.find(([name]) => name === "events")![1]).toEqual(new Date(now - 90 * day));
  expect(asked.find(([name]) => name === "accesses")![1]).toEqual(new Date(now - 30 * day));
});

test("a database that is away is asked again later, and a plane that closes asks no more", async () => {
  const { asked, retention } = startOn({ events: 1, accesses: 1 }, true);
  await until("it was tried", () => asked.length > 0);
  await retention.close();
  await retention.close();
  expect(asked).toHaveLength(1);
});
