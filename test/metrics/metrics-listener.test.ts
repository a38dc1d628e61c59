import { request } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createLogger } from "../../src/logger.ts";
import { createInstruments } from "../../src/metrics/instruments.ts";
import { registerGauges } from "../../src/metrics/gauges.ts";
import { listenForMetrics } from "../../src/metrics/metrics-listener.ts";
import type { MetricsListener } from "../../src/metrics/metrics-listener.ts";

let listener: MetricsListener | undefined;
afterEach(async () => await listener?.close());

const traffic = {
  answered: [0, 2, 40, 3, 1, 0],
  refused: new Map([["not-found", 7]]),
  limited: new Map([["limitInvalidLinks", 5] as const]),
  aborted: 1,
  clients: 3,
  upstreams: 2,
  received: 1000,
  sent: 2000,
};

async function open(previews: () => Promise<readonly { state: "ready" }[]> = async () => [{ state: "ready" }]) {
  const instruments = createInstruments();
  registerGauges(instruments.registry, {
    traffic: () => traffic,
    previews,
    databaseLoad: () => ({ connections: 10, underWay: 1 }),
  });
  const { registry } = instruments;
  const names = ["plane.internal"];
  listener = await listenForMetrics({ registry, host: "127.0.0.1", port: 0, names, logger: createLogger("silent") });
  return instruments;
}

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

function ask({ path = "/metrics", ...more }: Asked = {}): Promise<{ status: number; type: string; text: string }> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port: listener?.port, path, agent: false, ...more }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      const { statusCode: status = 0, headers } = response;
      response.on("end", () => resolve({ status, type: headers["content-type"] ?? "", text }));
    })
      .on("error", reject)
      .end();
  });
}

describe("the metrics listener", () => {
  it("tells what was counted, in the text format", async () => {
    const instruments = await open();
    instruments.call("mcp", { tool: "dev_preview_start", outcome: "ok" });
    instruments.call("v1", { tool: "dev_preview_start", outcome: "limit_reached" });
    instruments.phase("listen", 120);
    instruments.previewLimit("user");
    instruments.query({ durationMs: 2, ok: false });
    instruments.dial(0.3);
    instruments.handled(0.04);
    for (const _ of [1, 2]) {
      const { status, type, text } = await ask();
      expect([status, type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
      for (const line of [
        'dev_preview_tool_calls_total{tool="dev_preview_start",door="mcp",outcome="ok"} 1',
        'dev_preview_tool_calls_total{tool="dev_preview_start",door="v1",outcome="limit_reached"} 1',
        'dev_preview_start_phase_seconds_bucket{le="0.25",phase="listen"} 1',
        'dev_preview_start_limits_total{limit="user"} 1',
        'dev_preview_gateway_requests_total{outcome="2xx"} 40',
        'dev_preview_gateway_requests_total{outcome="not-found"} 7',
        'dev_preview_gateway_requests_total{outcome="aborted"} 1',
        'dev_preview_gateway_limits_total{limit="limitInvalidLinks"} 5',
        'dev_preview_gateway_bytes_total{direction="sent"} 2000',
        'dev_preview_gateway_sockets{side="client"} 3',
        "dev_preview_gateway_dial_seconds_count 1",
        'dev_preview_gateway_added_seconds_bucket{le="0.00005"} 1',
        'dev_preview_previews{state="ready"} 1',
        'dev_preview_previews{state="idle"} 0',
        "dev_preview_database_up 1",
        'dev_preview_database_query_seconds_count{outcome="error"} 1',
        "dev_preview_database_connections 10",
        "dev_preview_database_queries 1",
      ])
        expect(text.split("\n")).toContain(line);
      expect(text).toContain("process_resident_memory_bytes ");
    }
  });

  it.each([["127.0.0.1:9464"], ["localhost"], ["[::1]:9464"], ["10.1.2.3:9464"], ["plane.internal:9464"]])(
    "answers to %s",
    async (host) => {
      await open();
      expect((await ask({ headers: { host } })).status).toBe(200);
    },
  );

  it.each([
    ["a name that somebody made lead here", { host: "attacker.example:9464" }],
    ["a name that looks like an address", { host: "127.0.0.1.attacker.example" }],
    ["a page", { host: "127.0.0.1:9464", origin: "http://127.0.0.1:9464" }],
  ])("refuses %s, and tells it nothing", async (_who, headers) => {
    await open();
    const { status, text } = await ask({ headers });
    expect(status).toBe(403);
    expect(text).not.toContain("dev_preview");
  });

  it("has nothing but GET /metrics", async () => {
    await open();
    expect((await ask({ path: "/" })).status).toBe(404);
    expect((await ask({ method: "POST" })).status).toBe(405);
  });

  it.each([
    ["refuses", () => Promise.reject(new Error("away"))],
    ["does not answer", () => new Promise<never>(() => {})],
  ])("answers in time while the database %s, and says that it is away", async (_what, previews) => {
    await open(previews);
    const { text } = await ask();
    expect(text).toContain("dev_preview_database_up 0");
    expect(text).not.toContain("dev_preview_previews{");
    expect(text).toContain('dev_preview_gateway_sockets{side="client"} 3');
  });
});
