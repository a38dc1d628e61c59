import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient, PreviewError } from "../../src/client/client.ts";
import { errorTable } from "../../src/errors.ts";
import type { ErrorCode } from "../../src/errors.ts";
import type { Phase } from "../../src/preview/contract.ts";
import type { CallOptions } from "../../src/preview/use-cases.ts";
import { listenControl, token } from "../api/support/control-listener.ts";
import { fakePhases } from "../api/support/fake-use-cases.ts";

let control: Awaited<ReturnType<typeof listenControl>>;
beforeEach(async () => {
  control = await listenControl({ heartbeatMs: 20 });
});
afterEach(() => control.close());

const connect = (more: { token?: string; url?: string } = {}) =>
  createClient({ url: control.url, token, project: "shop", sessionId: "s-1", requestId: "r-1", ...more });

const coded = (code: ErrorCode, more: object = {}) => expect.objectContaining({ name: "PreviewError", code, ...more });

describe("every method", () => {
  it("reaches its use-case with the input, and returns its output", async () => {
    const client = connect();
    await client.projects.put("shop", { workspaceRoot: "/w" });
    const started = await client.start({ name: "api", env: { A: "1" } });
    expect(started).toMatchObject({ name: "api", serving: true, previewUrl: expect.any(String) });
    expect(await client.get("api")).toEqual(started);
    expect(await client.url({ name: "api", path: "/x" })).toEqual(started);
    expect((await client.list({ includeStopped: true })).previews).toHaveLength(1);
    expect((await client.logs({ name: "api", limit: 3, grep: "a&b=c" })).lines).toEqual(["ready"]);
    expect((await client.stop({ name: "api" })).stopped).toHaveLength(1);
    expect(await client.projects.get("shop")).toMatchObject({ slug: "shop", workspaceRoot: "/w" });
    expect(await client.projects.list()).toHaveLength(1);
    expect(await client.projects.remove("shop")).toMatchObject({ slug: "shop" });
    expect(await client.projects.list()).toEqual([]);
    const inputOf = (method: string) => control.calls.find((call) => call.method === method)!.input;
    expect(inputOf("start")).toMatchObject({ name: "api", env: { A: "1" }, waitSeconds: 30 });
    expect(inputOf("url")).toMatchObject({ name: "api", path: "/x", rotate: false });
    expect(inputOf("list")).toEqual({ includeStopped: true });
    expect(inputOf("logs")).toEqual({ name: "api", limit: 3, grep: "a&b=c", waitSeconds: 0 });
    expect(control.calls[0]!.context).toMatchObject({ projectSlug: "shop", sessionId: "s-1", requestId: "r-1" });
  });

  it("has the contract's defaults when called without input", async () => {
    const client = connect();
    await client.start();
    expect((await client.get()).name).toBe("web");
    expect((await client.url()).name).toBe("web");
    expect((await client.logs()).status).toBe("ready");
    expect((await client.list()).previews).toHaveLength(1);
    expect((await client.stop()).stopped[0]!.name).toBe("web");
  });

  it("accepts a base URL with a trailing slash", async () => {
    expect((await connect({ url: `${control.url}/` }).list()).previews).toEqual([]);
  });
});

describe("start", () => {
  it("tells the phases in order", async () => {
    const phases: Phase[] = [];
    await connect().start({}, { onPhase: (phase) => phases.push(phase) });
    expect(phases).toEqual(fakePhases);
  });

  it("and url tell the phases in order, to whoever asks", async () => {
    const phases: Phase[] = [];
    await connect().url({}, { onPhase: (phase) => phases.push(phase) });
    expect(phases).toEqual(fakePhases);
  });

  it("reads lines that arrive in pieces, with characters cut apart", async () => {
    const phase: Phase = { name: "install", message: "größe ✓" };
    const lines = ["", JSON.stringify({ phase }), "", JSON.stringify({ result: await connect().start() }), ""];
    const bytes = new TextEncoder().encode(lines.join("\n"));
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const told: Phase[] = [];
    const client = createClient({ url: "http://plane.test", fetch: async () => new Response(body) });
    expect((await client.start({}, { onPhase: (phase) => told.push(phase) })).name).toBe("web");
    expect(told).toEqual([phase]);
  });

  it("is plane_unreachable when the stream ends in the middle of a line", async () => {
    const body = '{"phase":{"name":"install","message":"m"}}\n{"resu';
    const client = createClient({ url: "http://plane.test", fetch: async () => new Response(body) });
    await expect(client.start()).rejects.toThrow(coded("plane_unreachable"));
  });

  it("cancels the wait on the plane when its signal fires", async () => {
    let arrived: (options: CallOptions) => void = () => {};
    const running = new Promise<CallOptions>((resolve) => {
      arrived = resolve;
    });
    const cancelled = new Promise<void>((resolve) => {
      control.startWith((options) => {
        options.signal!.addEventListener("abort", () => resolve());
        arrived(options);
        return cancelled;
      });
    });
    const caller = new AbortController();
    const call = connect().start({}, { signal: caller.signal });
    await running;
    caller.abort();
    await expect(call).rejects.toThrow(coded("cancelled"));
    await cancelled;
  });

  it("does not call at all with a signal that has fired", async () => {
    await expect(connect().start({}, { signal: AbortSignal.abort() })).rejects.toThrow(coded("cancelled"));
    expect(control.calls).toEqual([]);
  });
});

describe("errors", () => {
  it.each(Object.keys(errorTable) as ErrorCode[])("of code %s come back as they were thrown", async (code) => {
    control.startWith(() => Promise.reject(new PreviewError(code, "what failed", { hint: "what to do" })));
    const expected = coded(code, { message: "what failed", hint: "what to do" });
    await expect(connect().start()).rejects.toThrow(expected);
    await expect(connect().url()).rejects.toThrow(expected);
  });

  it("of a refused call keep code, text and hint", async () => {
    await expect(connect({ token: "wrong-token-wrong-token-wrong" }).list()).rejects.toThrow(coded("unauthenticated"));
    await expect(connect().get("nothing")).rejects.toThrow(
      coded("preview_not_found", { message: "there is no preview named nothing", hint: "Start it." }),
    );
    await expect(connect().start({ port: 1 })).rejects.toThrow(
      coded("invalid_input", { message: expect.stringContaining("port") }),
    );
  });

  it("do not let a name leave its place in the path", async () => {
    await expect(connect().get("../projects")).rejects.toThrow(coded("invalid_input"));
    await expect(connect().projects.get("../previews")).rejects.toThrow(coded("invalid_input"));
    expect(control.calls).toEqual([]);
  });

  it("are plane_unreachable when nothing listens", async () => {
    await control.close();
    await expect(connect().list()).rejects.toThrow(coded("plane_unreachable", { retryable: true }));
    await expect(connect().start()).rejects.toThrow(coded("plane_unreachable"));
  });

  it("are plane_unreachable when the plane dies while a start runs", async () => {
    let arrived: () => void = () => {};
    const running = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    control.startWith(() => {
      arrived();
      return new Promise(() => {});
    });
    const call = connect().start();
    await running;
    await control.close();
    await expect(call).rejects.toThrow(coded("plane_unreachable"));
  });

  it("are internal for a code of a later version", async () => {
    const problem = {
      type: "x",
      title: "x",
      status: 418,
      detail: "d",
      code: "teapot",
      hint: "h",
      retryable: false,
      requestId: "r",
    };
    const client = createClient({
      url: "http://plane.test",
      fetch: async () => Response.json(problem, { status: 418 }),
    });
    await expect(client.list()).rejects.toThrow(coded("internal", { message: "d", hint: "h" }));
  });
});

describe("something that is no plane", () => {
  const answering = (answer: () => Response) =>
    createClient({ url: "http://plane.test", token, fetch: async () => answer() });

  it.each([
    ["an HTML page", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["other JSON", () => Response.json({ hello: 1 })],
    ["an error page", () => new Response("Bad Gateway", { status: 502 })],
    ["nothing", () => new Response(null, { status: 204 })],
  ])("answers with %s: plane_unreachable", async (_, answer) => {
    await expect(answering(answer).list()).rejects.toThrow(coded("plane_unreachable"));
    await expect(answering(answer).start()).rejects.toThrow(coded("plane_unreachable"));
  });

  it("redirects: the token does not follow", async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url ?? "");
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await expect(connect({ url: `http://127.0.0.1:${port}` }).list()).rejects.toThrow(coded("plane_unreachable"));
    expect(seen).toEqual(["/v1/previews"]);
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  });
});
