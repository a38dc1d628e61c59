import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestTo } from "../gateway/support/fixture.ts";
import { compileScript } from "../tools/support/compile-script.mjs";
import type { CompiledScript } from "../tools/support/compile-script.mjs";
import { mintFor, startApp, startWorkers, upgradeTo } from "./support/workers-under-test.ts";
import type { App } from "./support/workers-under-test.ts";

let script: CompiledScript;
let app: App;
beforeAll(async () => {
  [script, app] = await Promise.all([compileScript("src/workers/worker.ts"), startApp()]);
});
afterAll(() => Promise.all([script.close(), app.close()]));

describe("two workers", () => {
  it("both serve, and a revoked link ends its sockets in both", async () => {
    const link = mintFor(app);
    const workers = await startWorkers(script.path, [link.route]);
    const pids = workers.gateway.pids();
    expect(pids).toHaveLength(2);
    const opened = [];
    for (const pid of pids) opened.push(await workers.via(pid, upgradeTo(link)));
    expect(opened.map(({ status }) => status)).toEqual([101, 101]);
    const closed = opened.map(({ client }) => once(client.socket, "end"));
    const startedAt = performance.now();
    workers.feed.change({ previewIds: [link.route.previewId], routes: [] });
    await Promise.all(closed);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    for (const pid of pids) expect((await workers.via(pid, requestTo(link))).status).toBe(410);
  });
});
