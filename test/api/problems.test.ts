import { afterEach, describe, expect, it } from "vitest";
import { problemDetails, problemDetailsOf } from "../../src/api/problem-details.ts";
import { errorTable, PreviewError } from "../../src/errors.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { authorized, listenControl } from "./support/control-listener.ts";
import { createLogSink } from "./support/log-sink.ts";

let control: Awaited<ReturnType<typeof listenControl>> | undefined;
afterEach(async () => {
  await control?.close();
  control = undefined;
});

const start = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/previews`, {
    method: "POST",
    body: "{}",
    headers: { ...authorized, "content-type": "application/json", ...headers },
  });

describe("problem details", () => {
  it.each(Object.keys(errorTable) as ErrorCode[])("of %s carry its status, hint and whether to retry", async (code) => {
    control = await listenControl();
    control.startWith(() => Promise.reject(new PreviewError(code, "the message", { hint: "the hint" })));
    const answer = await start(control.url);
    expect(answer.status).toBe(errorTable[code].status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const problem = problemDetails.strict().parse(await answer.json());
    expect(problem).toMatchObject({
      type: `urn:dev-preview:error:${code}`,
      status: errorTable[code].status,
      detail: "the message",
      hint: "the hint",
      code,
      retryable: errorTable[code].retryable,
      requestId: answer.headers.get("x-request-id"),
    });
  });

  it("have a title made of the code", () => {
    const error = new PreviewError("port_not_ours", "m", { hint: "h" });
    expect(problemDetailsOf(error, "r").title).toBe("Port not ours");
  });

  it("tell nothing of an unexpected error but the request id, which the log carries with the cause", async () => {
    const sink = createLogSink();
    control = await listenControl({ logger: sink.logger });
    control.startWith(() => Promise.reject(new Error("password hunter2 is wrong")));
    const answer = await start(control.url, { "x-request-id": "req-7" });
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).not.toContain("hunter2");
    expect(problemDetails.parse(JSON.parse(text))).toMatchObject({ code: "internal", requestId: "req-7" });
    expect(sink.lines()).toContainEqual(
      expect.objectContaining({
        event: "api.unexpected",
        requestId: "req-7",
        err: expect.objectContaining({ message: "password hunter2 is wrong" }),
      }),
    );
  });

  it("answer an unknown path and an unserved method", async () => {
    control = await listenControl();
    for (const [method, path] of [
      ["GET", "/v1/nothing"],
      ["PATCH", "/v1/previews"],
    ] as const) {
      const answer = await fetch(control.url + path, { method, headers: authorized });
      expect(answer.status).toBe(404);
      expect(problemDetails.parse(await answer.json()).code).toBe("not_found");
    }
  });
});

describe("the access log", () => {
  it("has one line per request, with outcome, duration and request id, and no secret", async () => {
    const sink = createLogSink();
    control = await listenControl({ logger: sink.logger });
    await (await start(control.url, { "x-request-id": "r-ok" })).text();
    await (await start(control.url, { "x-request-id": "r-401", authorization: "Bearer nonsense-token-value" })).text();
    await (await start(control.url, { "x-request-id": "r-403", origin: "http://evil.example.com" })).text();
    await sink.until((lines) => lines.length >= 3);
    expect(sink.lines().map(({ requestId, outcome, status }) => [requestId, outcome, status])).toEqual([
      ["r-ok", "ok", 200],
      ["r-401", "unauthenticated", 401],
      ["r-403", "forbidden", 403],
    ]);
    for (const line of sink.lines()) {
      expect(line).toMatchObject({ event: "http.request", msg: "request", method: "POST", path: "/v1/previews" });
      expect(line["durationMs"]).toEqual(expect.any(Number));
    }
    expect(JSON.stringify(sink.lines())).not.toContain("nonsense-token-value");
  });

  it("cannot be filled by strangers, and still has the line of a caller", async () => {
    const sink = createLogSink();
    control = await listenControl({ logger: sink.logger });
    const path = `/${"x".repeat(10_000)}`;
    for (let asked = 0; asked < 200; asked += 1) await (await fetch(control.url + path)).text();
    await (await start(control.url, { "x-request-id": "r-ok" })).text();
    await sink.until((lines) => lines.some(({ requestId }) => requestId === "r-ok"));
    const strangers = sink.lines().filter(({ outcome }) => outcome === "unauthenticated");
    expect(strangers.length).toBeGreaterThan(0);
    // two minutes' worth when the clock's minute ends in between
    expect(strangers.length).toBeLessThanOrEqual(120);
    expect(strangers[0]).toMatchObject({ path: path.slice(0, 200) });
  });
});
