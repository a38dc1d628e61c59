import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort, server } from "../preview/support/plane-under-test.ts";
import { until } from "../support/until.ts";
import { endHome } from "./support/end-home.ts";
import { httpClients } from "./support/mcp-clients.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";

const secret = "s3cret-value-of-nobody";
let home: PlaneHome;
let plane: PlaneProcess;
let port: number;
beforeAll(async () => {
  port = await freePort();
  home = await makePlaneHome({
    DEV_PREVIEW_LOG_LEVEL: "warn",
    DEV_PREVIEW_METRICS_PORT: String(port),
    DEV_PREVIEW_LIMIT_USER_PREVIEWS: "1",
  });
  plane = await startPlaneProcess(home);
});
afterAll(() => endHome(home));

test("a plane that is worked with tells Prometheus so, and names nobody", async () => {
  const url = new URL("/mcp", plane.controlUrl);
  const client = await httpClients[1]!.connect({ url, token: plane.token, projectSlug: "app" });
  const command = server("well");
  const started = await plane.client.start({ command, env: { API_KEY: secret } });
  await client.call("dev_preview_start", { command });
  await client.call("dev_preview_start", { name: "second", command });
  await client.call("dev_preview_start", { org: "acme" });
  await plane.get(`${started.previewUrl}page?token=${secret}`);
  await plane.get(`http://3000-${"a".repeat(48)}.localhost/`);
  await client.close();
  const text = await until("the requests are counted", async () => {
    const { text: page } = await scrape();
    return page.includes('outcome="not-found"} 1') ? page : undefined;
  });
  const value = (series: string) =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${series} `))
        ?.split(" ")[1],
    );
  const calls = (door: string, outcome: string) =>
    value(`dev_preview_tool_calls_total{tool="dev_preview_start",door="${door}",outcome="${outcome}"}`);
  expect(calls("v1", "ok")).toBe(1);
  expect(calls("mcp", "ok")).toBe(1);
  expect(calls("mcp", "limit_reached")).toBe(1);
  expect(calls("mcp", "invalid_input")).toBe(1);
  expect(value('dev_preview_start_limits_total{limit="user"}')).toBe(1);
  for (const phase of ["resolve", "launch", "listen", "answer", "gateway"])
    expect(value(`dev_preview_start_phase_seconds_count{phase="${phase}"}`), phase).toBeGreaterThan(0);
  expect(value('dev_preview_gateway_requests_total{outcome="2xx"}')).toBeGreaterThan(0);
  expect(value('dev_preview_previews{state="ready"}')).toBe(1);
  expect(value("dev_preview_database_up")).toBe(1);
  expect(value('dev_preview_database_query_seconds_count{outcome="ok"}')).toBeGreaterThan(0);
  expect(value("dev_preview_gateway_dial_seconds_count")).toBeGreaterThan(0);
  for (const one of [secret, started.token!, started.previewId, "localhost"]) expect(text).not.toContain(one);
  const labels = ["direction", "door", "limit", "outcome", "phase", "side", "state", "tool"];
  expect(Object.keys(labelsOf(text)).toSorted()).toEqual(labels);
  expect((await scrape("preview.attacker.example")).status).toBe(403);
});

/** Labels of our own series, with their values. */
function labelsOf(text: string): Record<string, Set<string>> {
  const labels: Record<string, Set<string>> = {};
  for (const line of text.split("\n").filter((each) => each.startsWith("dev_preview_")))
    for (const [, name = "", value = ""] of line.matchAll(/(\w+)="([^"]*)"/g))
      if (name !== "le") (labels[name] ??= new Set()).add(value);
  return labels;
}

function scrape(host = `127.0.0.1:${port}`): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path: "/metrics", headers: { host }, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end();
  });
}
