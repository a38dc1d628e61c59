import { setImmediate as turn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { createWriteBatch } from "../../src/gateway/write-batch.ts";

function prepare() {
  const [log, faults]: [string[], unknown[]] = [[], []];
  const batch = createWriteBatch((error) => faults.push(error));
  const item = (name: string, write: () => void = () => log.push(name)) => ({
    writeLate: write,
    fail: () => void log.push(`${name} failed`),
  });
  return { log, faults, batch, item };
}

/** After writes that followed one another closely. */
async function prepareBusy() {
  const prepared = prepare();
  for (let count = 0; count < 100; count++) prepared.batch.add(prepared.item("first"));
  await turn();
  prepared.log.length = 0;
  return prepared;
}

test("what is alone leaves at once", async () => {
  const { log, batch, item } = prepare();
  for (const name of ["a", "b"]) {
    batch.add(item(name));
    expect(log.at(-1)).toBe(name);
    await turn();
  }
});

test("what is written in one turn leaves at its end, in order, and once", async () => {
  const { log, batch, item } = await prepareBusy();
  for (const name of ["a", "b", "c"]) batch.add(item(name));
  await Promise.resolve();
  expect(log).toEqual([]);
  await turn();
  await turn();
  expect(log).toEqual(["a", "b", "c"]);
});

test("what is added meanwhile leaves in the next turn", async () => {
  const { log, batch, item } = await prepareBusy();
  batch.add(item("a", () => batch.add(item("b"))));
  batch.add(item("c"));
  await turn();
  await vi.waitFor(() => expect(log).toEqual(["c", "b"]));
});

test("a fault in one of them is told, and the others leave", async () => {
  const { log, faults, batch, item } = await prepareBusy();
  const defect = new Error("defect");
  batch.add(item("a"));
  batch.add(
    item("b", () => {
      throw defect;
    }),
  );
  batch.add(item("c"));
  await turn();
  expect([log, faults]).toEqual([["a", "b failed", "c"], [defect]]);
});

test("a fault in what follows a fault is told as well", async () => {
  const { log, faults, batch, item } = await prepareBusy();
  const fail = () => {
    throw new Error("twice");
  };
  batch.add({ writeLate: fail, fail });
  batch.add(item("a"));
  await turn();
  expect([log, faults.length]).toEqual([["a"], 2]);
});
