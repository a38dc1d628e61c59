import { afterEach, expect, it } from "vitest";
import { startInput } from "../../src/preview/contract.ts";
import { openPlaneUnderTest, server } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";

let plane: PlaneUnderTest;
afterEach(() => plane.close());

it("a start over the limit is refused and leaves nothing, joining what runs is none, and a stop frees a place", async () => {
  plane = await openPlaneUnderTest({ limits: { session: 2 } });
  const context = { ...plane.context, sessionId: "session-1" };
  const start = (name: string) =>
    plane.useCases.start(context, startInput.parse({ name, command: server("well"), waitSeconds: 10 }));
  await start("one");
  const { port } = await start("two");
  expect(await start("two")).toMatchObject({ reused: true, port });
  const refused = { code: "limit_reached", message: "the limit of 2 live previews of this session is reached" };
  await expect(start("three")).rejects.toMatchObject(refused);
  const { previews } = await plane.useCases.list(context, { includeStopped: true });
  expect(previews.map(({ name }) => name).toSorted()).toEqual(["one", "two"]);
  await plane.useCases.stop(context, { name: "one" });
  expect(await start("three")).toMatchObject({ status: "ready" });
});

it("a refused start gives its port back", async () => {
  plane = await openPlaneUnderTest({ limits: { user: 1 } });
  await plane.start({ name: "one", command: server("well") });
  const port = await plane.sandbox.freePort({ exclude: new Set() });
  await expect(plane.start({ name: "two", command: server("well"), port })).rejects.toMatchObject({
    code: "limit_reached",
  });
  await plane.stop({ name: "one" });
  expect(await plane.start({ name: "two", command: server("well"), port })).toMatchObject({ status: "ready", port });
});
