import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findChromium } from "../../src/inspect/find-chromium.ts";
import { spendExternalLaunch } from "../../src/inspect/spend-external-launch.ts";
import { noBrowser, openInspectedPlane } from "./support/inspected-plane.ts";

/** What Chromium may start for an address that is not its own; here each writes down that it was. */
const programs = ["xdg-open", "xdg-email", "xdg-settings", "xdg-mime", "gio"];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "programs-"));
  mkdirSync(join(directory, "bin"));
  for (const name of programs) {
    const path = join(directory, "bin", name);
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> '${join(directory, "started")}'\n`);
    chmodSync(path, 0o755);
  }
});
afterEach(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));

const path = () => `${join(directory, "bin")}${delimiter}${process.env["PATH"]}`;
const started = () => (existsSync(join(directory, "started")) ? readFileSync(join(directory, "started"), "utf8") : "");

describe.skipIf(noBrowser !== undefined)(`programs of the desktop ${noBrowser ?? ""}`, { timeout: 90_000 }, () => {
  it("are started by no page", async () => {
    const plane = await openInspectedPlane({ hostEnv: { ...process.env, PATH: path() } });
    await plane.startPages();
    expect(await plane.check("/opens-programs", { waitSeconds: 45 })).toMatchObject({ httpStatus: 200, title: "page" });
    await plane.close();
    expect(started()).toBe("");
  });

  it.each([
    ["unless Chromium was made to spend its one try", false],
    ["once it has, even where no other program takes their place", true],
  ])("may be started by a page, %s", async (_, spent) => {
    const context = await chromium.launchPersistentContext(join(directory, "profile"), {
      executablePath: findChromium(undefined),
      chromiumSandbox: process.getuid?.() !== 0,
      env: { PATH: path(), HOME: directory },
    });
    if (spent) await spendExternalLaunch(context);
    const page = await context.newPage();
    await page.route("http://app.example/", (route) =>
      route.fulfill({ contentType: "text/html", body: "<script>location.href = 'mailto:a@b.example'</script>" }),
    );
    await page.goto("http://app.example/", { waitUntil: "commit" });
    if (spent) await page.waitForTimeout(1500);
    else await expect.poll(started, { timeout: 20_000 }).toContain("mailto:a@b.example");
    await context.close();
    expect(started().includes("mailto")).toBe(!spent);
  });
});
