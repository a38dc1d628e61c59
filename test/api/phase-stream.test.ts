import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { phaseStreamLine } from "../../src/api/phase-stream.ts";
import { PreviewError } from "../../src/errors.ts";
import type { CallOptions } from "../../src/preview/use-cases.ts";
import { authorized, listenControl } from "./support/control-listener.ts";
import { fakePhases } from "./support/fake-use-cases.ts";
import { createLogSink } from "./support/log-sink.ts";

let control: Awaited<ReturnType<typeof listenControl>>;
let sink: ReturnType<typeof createLogSink>;
beforeEach(async () => {
  sink = createLogSink();
  control = await listenControl({ heartbeatMs: 20, logger: sink.logger });
});
afterEach(() => control.close());

const open = (path: string, init: RequestInit = {}) =>
  fetch(control.url + path, {
    method: "POST",
    body: "{}",
    headers: { ...authorized, "content-type": "application/json", accept: "application/x-ndjson" },
    ...init,
  });

const linesOf = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => phaseStreamLine.parse(JSON.parse(line)));

function gate() {
  let release: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { opened, release: () => release() };
}

describe.each(["/v1/previews", "/v1/links"])("POST %s for NDJSON", (path) => {
  it("tells the phases and ends with the result", async () => {
    const answer = await open(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = linesOf(await answer.text());
    expect(lines.slice(0, -1)).toEqual(fakePhases.map((phase) => ({ phase })));
    expect(lines.at(-1)).toMatchObject({ result: { name: "web", serving: true, project: "shop" } });
  });

  it("ends with the error, as problem details", async () => {
    control.startWith(async ({ onPhase }) => {
      onPhase?.({ name: "launch", message: "started" });
      throw new PreviewError("launch_failed", "it failed", { hint: "fix it" });
    });
    const answer = await open(path);
    const lines = linesOf(await answer.text());
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({
      error: { code: "launch_failed", detail: "it failed", requestId: answer.headers.get("x-request-id") },
    });
    await sink.until((logged) => logged.some((line) => line["outcome"] === "launch_failed"));
  });
});

describe("a streamed start", () => {
  it("sends each phase when it happens, with blank lines between while nothing does", async () => {
    const { opened, release } = gate();
    control.startWith(async ({ onPhase }) => {
      onPhase?.({ name: "install", message: "installing" });
      await opened;
    });
    const reader = (await open("/v1/previews")).body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\n\n")) text += (await reader.read()).value ?? "";
    expect(linesOf(text)).toEqual([{ phase: { name: "install", message: "installing" } }]);
    release();
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    expect(linesOf(text).at(-1)).toHaveProperty("result");
  });

  it("refuses a bad input with a status, before any line", async () => {
    const answer = await open("/v1/previews", { body: '{"project":"x"}' });
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });

  it("is logged once, when it has ended", async () => {
    const { opened, release } = gate();
    control.startWith(() => opened);
    const answer = await open("/v1/previews");
    expect(sink.lines()).toEqual([]);
    release();
    await answer.text();
    await sink.until((lines) => lines.length === 1);
    expect(sink.lines()[0]).toMatchObject({ outcome: "ok", status: 200 });
  });
});

describe.each([
  ["application/x-ndjson", "a stream"],
  ["application/json", "plain JSON"],
])("a caller of %s (%s) that goes away", (accept) => {
  it("cancels the wait and is logged as cancelled", async () => {
    let started: (options: CallOptions) => void = () => {};
    const running = new Promise<CallOptions>((resolve) => {
      started = resolve;
    });
    control.startWith((options) => {
      started(options);
      return new Promise((_, reject) => {
        options.signal!.addEventListener("abort", () => reject(new Error("aborted")));
      });
    });
    const caller = new AbortController();
    const call = open("/v1/previews", {
      signal: caller.signal,
      headers: { ...authorized, "content-type": "application/json", accept },
    }).then((answer) => answer.text());
    const { signal } = await running;
    expect(signal!.aborted).toBe(false);
    caller.abort();
    await expect(call).rejects.toThrow();
    await sink.until((lines) => lines.some(({ event }) => event === "http.request"));
    expect(signal!.aborted).toBe(true);
    expect(sink.lines().map(({ outcome }) => outcome)).toEqual(["cancelled"]);
  });
});
