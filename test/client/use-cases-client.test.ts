import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { createUseCasesClient } from "../../src/client/use-cases-client.ts";
import { listInput, logsInput, startInput, stopInput, urlInput } from "../../src/preview/contract.ts";
import type { Phase } from "../../src/preview/contract.ts";
import { listenControl, token } from "../api/support/control-listener.ts";

let control: Awaited<ReturnType<typeof listenControl>>;
beforeEach(async () => {
  control = await listenControl();
});
afterEach(() => control.close());

const context = {
  principal: { kind: "local", org: "local", user: "me" },
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
