import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { createInspectClient, createUseCasesClient } from "../../src/client/use-cases-client.ts";
import { listInput, logsInput, startInput, stopInput, urlInput } from "../../src/preview/contract.ts";
import type { Phase } from "../../src/preview/contract.ts";
import { checkInput, screenshotInput } from "../../src/preview/inspection.ts";
import { fakeReport, pixel } from "../support/fake-inspect.ts";
import { listenControl, token } from "../api/support/control-listener.ts";

let control: Awaited<ReturnType<typeof listenControl>>;
beforeEach(async () => {
  control = await listenControl();
});
afterEach(() => control.close());

const context = {
  principal: { kind: "local", org: "local", user: "me", scopes: ["operator"] },
  requestId: "r-9",
  projectSlug: "shop",
} as const;

describe("the use-cases over a client", () => {
  it("pass every call on, through a client made for that call", async () => {
    let connected = 0;
    const useCases = createUseCasesClient(async ({ projectSlug, requestId }) => {
      connected += 1;
      return createClient({
        url: control.url,
        token,
        requestId,
        ...(projectSlug === undefined ? {} : { project: projectSlug }),
      });
    });
    const phases: Phase[] = [];
    await useCases.putProject(context, "shop", { workspaceRoot: "/w" });
    const started = await useCases.start(context, startInput.parse({}), { onPhase: (phase) => phases.push(phase) });
    expect(phases.length).toBeGreaterThan(0);
    expect(await useCases.url(context, urlInput.parse({ name: "web" }))).toEqual(started);
    expect(await useCases.get(context, "web")).toEqual(started);
    expect((await useCases.list(context, listInput.parse({}))).previews).toHaveLength(1);
    expect((await useCases.logs(context, logsInput.parse({}))).lines).toEqual(["ready"]);
    expect((await useCases.stop(context, stopInput.parse({ name: "web" }))).stopped).toHaveLength(1);
    expect(await useCases.getProject(context, "shop")).toMatchObject({ slug: "shop" });
    expect(await useCases.listProjects(context)).toHaveLength(1);
    expect(await useCases.removeProject(context, "shop")).toMatchObject({ slug: "shop" });
    expect(connected).toBe(10);
    expect(new Set(control.calls.map((call) => call.method)).size).toBe(10);
    for (const call of control.calls) expect(call.context).toMatchObject({ projectSlug: "shop", requestId: "r-9" });
  });

  it("take the time that connecting took off the longest wait", async () => {
    const useCases = createUseCasesClient(async () => {
      const until = performance.now() + 300;
      while (performance.now() < until) await new Promise((resolve) => void setImmediate(resolve));
      return createClient({ url: control.url, token, project: "shop" });
    });
    await useCases.start(context, startInput.parse({ waitSeconds: 45 }));
    await useCases.start(context, startInput.parse({ waitSeconds: 10 }));
    const waits = control.calls.map(({ input }) => (input as { waitSeconds: number }).waitSeconds);
    expect(waits[0]).toBeLessThanOrEqual(44.7);
    expect(waits[0]).toBeGreaterThan(35);
    expect(waits[1]).toBe(10);
  });
});

describe("looking at previews over a client", () => {
  const connect = () => Promise.resolve(createClient({ url: control.url, token, project: "shop", requestId: "r-9" }));

  it("passes both calls on, with their arguments and the caller", async () => {
    const inspect = createInspectClient(connect);
    expect(await inspect.check(context, checkInput.parse({ path: "/cart" }))).toEqual(fakeReport);
    expect(await inspect.screenshot(context, screenshotInput.parse({ fullPage: true }))).toEqual({
      mimeType: "image/png",
      data: pixel,
    });
    expect(control.inspections).toMatchObject([
      { method: "check", input: { name: "web", path: "/cart" }, context: { projectSlug: "shop", requestId: "r-9" } },
      { method: "screenshot", input: { fullPage: true, width: 1280 } },
    ]);
  });

  it("takes the time that connecting took off the longest wait", async () => {
    const inspect = createInspectClient(async () => {
      const until = performance.now() + 300;
      while (performance.now() < until) await new Promise((resolve) => void setImmediate(resolve));
      return await connect();
    });
    await inspect.check(context, checkInput.parse({ waitSeconds: 45 }));
    const { waitSeconds } = control.inspections[0]!.input as { waitSeconds: number };
    expect(waitSeconds).toBeLessThanOrEqual(44.7);
    expect(waitSeconds).toBeGreaterThan(35);
  });

  it("gives a refusal with its code and hint, and ends with its caller", async () => {
    const inspect = createInspectClient(connect);
    await expect(inspect.check(context, checkInput.parse({ name: "missing" }))).rejects.toMatchObject({
      code: "browser_missing",
      hint: "Install one.",
    });
    const cancel = new AbortController();
    const slow = inspect.screenshot(context, screenshotInput.parse({ name: "slow" }), { signal: cancel.signal });
    setTimeout(() => cancel.abort(), 50);
    await expect(slow).rejects.toMatchObject({ code: "cancelled" });
  });
});
