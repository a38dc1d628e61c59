import { setImmediate as turn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { createWriteBatch } from "../../src/gateway/write-batch.ts";

function prepare() {
  const [log, faults]: [string[], unknown[]] = [[], []];
  const batch = createWriteBatch((error) => faults.push(error));
  const item = (name: string, write: () => void = () => log.push(name)) => ({
    write,
    onFailure: (answered: boolean) => void log.push(`${name} failed ${answered}`),
  });
  return { log, faults, batch, item };
}

test("what is written in one turn leaves at its end, in order, and once", async () => {
  const { log, batch, item } = prepare();
  for (const name of ["a", "b", "c"]) batch.add(item(name));
  await Promise.resolve();
  expect(log).toEqual([]);
  await turn();
  await turn();
  expect(log).toEqual(["a", "b", "c"]);
});

test("what is added meanwhile leaves in the next turn", async () => {
  const { log, batch, item } = prepare();
  batch.add(item("a", () => batch.add(item("b"))));
  await turn();
  await vi.waitFor(() => expect(log).toEqual(["b"]));
});

test("a fault in one of them is told, and the others leave", async () => {
  const { log, faults, batch, item } = prepare();
  const defect = new Error("defect");
  batch.add(item("a"));
  batch.add(
    item("b", () => {
      throw defect;
    }),
  );
  batch.add(item("c"));
  await turn();
  expect([log, faults]).toEqual([["a", "b failed true", "c"], [defect]]);
});
