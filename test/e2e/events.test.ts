import { afterAll, beforeAll, expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import type { EventOutput } from "../../src/client/client.ts";
import { until } from "../support/until.ts";
import { endHome } from "./support/end-home.ts";
import { get, makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";
import { runCli, startCli } from "./support/run-cli.ts";

const command = `node -e 'require("http").createServer((q, r) => r.end("<h1>app</h1>")).listen(process.env.PORT)'`;

let home: PlaneHome;
let plane: PlaneProcess;
beforeAll(async () => {
  home = await makePlaneHome();
  plane = await startPlaneProcess(home);
});
afterAll(() => endHome(home));

it("whoever follows events is told what happens, also across a crash of the plane, in order and once", async () => {
  const stop = new AbortController();
  const seen: EventOutput[] = [];
  // the next plane takes the same port
  const { controlUrl, token } = plane;
  const following = (async () => {
    const client = createClient({ url: controlUrl, token, project: "app" });
    for await (const event of client.events.follow({ after: 0 }, { signal: stop.signal })) seen.push(event);
  })();
  const types = () => seen.map(({ type }) => type);
  await plane.client.start({ command, waitSeconds: 45 });
  await until("the start is told", () => types().includes("preview.ready"));
  await plane.kill9();
  plane = await startPlaneProcess({
    ...home,
    env: { ...home.env, DEV_PREVIEW_CONTROL_PORT: new URL(controlUrl).port },
  });
  await plane.client.url({ rotate: true });
  await plane.client.stop();
  await until("the stop is told", () => types().includes("preview.stopped"));
  stop.abort();
  await following;
  expect(types()).toEqual([
    "project.registered",
    "preview.started",
    "link.minted",
    "preview.ready",
    "link.rotated",
    "link.minted",
    "link.revoked",
    "preview.stopped",
  ]);
  expect(seen.map(({ id }) => id)).toEqual([...new Set(seen.map(({ id }) => id))].toSorted((a, b) => a - b));
  const by = (type: string) => seen.filter((event) => event.type === type).map(({ user }) => user);
  for (const type of ["preview.started", "link.rotated", "preview.stopped"]) expect(by(type)).toEqual(["local"]);
  expect(by("preview.ready")).toEqual([undefined]);
});

it("the command line prints what happened, goes on, and tells who opened links", async () => {
  const follower = startCli(home, "events", "--follow", "--only", "app");
  await follower.prints("preview.stopped");
  const { previewUrl } = await plane.client.start({ command, waitSeconds: 45 });
  await follower.prints(`preview.ready`);
  for (const agent of ["Firefox", "Firefox", "curl"])
    await get(previewUrl!, plane.gatewayPort, { "user-agent": agent });
  // the plane's own look at the preview is one as well
  const visitors = async () => (await plane.client.events.accesses({ after: 0 })).accesses;
  const accesses = await until("the visits are on record", async () => {
    const found = await visitors();
    return found.length >= 3 && found;
  });
  expect(
    accesses.every(({ kind, project, visitor }) => kind === "visitor" && project === "app" && visitor.length === 32),
  ).toBe(true);
  follower.interrupt();
  const { stdout, exitCode } = await follower.ended;
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^\S+Z {2}app {2}link\.minted {2}local {2}linkId=[0-9a-f]{16} /m);
  const printed = await runCli(home, "events", "--accesses");
  expect(printed.stdout).toContain(accesses.at(-1)!.visitor);
  const page = JSON.parse((await runCli(home, "events", "--json", "--type", "preview.ready", "-n", "1")).stdout);
  expect(page).toMatchObject({ events: [{ type: "preview.ready", project: "app" }], more: false });
  await plane.client.stop();
});
