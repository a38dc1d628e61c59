import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { endHome } from "./support/end-home.ts";
import { gatewayPortOf } from "./support/main-job.ts";
import { get, makePlaneHome } from "./support/plane-process.ts";
import type { PlaneHome } from "./support/plane-process.ts";

const demo = fileURLToPath(new URL("../../scripts/demo.mjs", import.meta.url));

let home: PlaneHome;
beforeEach(async () => {
  home = await makePlaneHome();
});
afterEach(() => endHome(home));

describe("the demo", () => {
  it("prints the URL of a page that answers, and leaves nothing running after Ctrl-C", async () => {
    // a group of its own: a terminal's Ctrl-C reaches every process of it
    const child = spawn(process.execPath, [demo], {
      env: home.env,
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    const ended = once(child, "exit");
    const url = await until("the demo prints its URL", () => /^ +(http:\/\/.*\/)$/m.exec(printed)?.[1], 150_000);
    expect(printed).toContain('"Dev preview: Vite + React"');
    expect((await get(url, gatewayPortOf(url))).status).toBe(200);
    process.kill(-child.pid!, "SIGINT");
    expect(await ended).toEqual([0, null]);
    await until("nothing is left running", () => home.processes().length === 0);
  });
});
