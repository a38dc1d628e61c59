// Calls `dev_preview_url` over and over; a process of its own, told what to do by bench/url.mjs.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createClient } from "../../dist/client/client.js";
import { request, Agent } from "node:http";

/** Door name -> one caller: a function that makes one call and returns the preview URL. */
const doors = {
  "mcp 2026-07-28": (plane) => openMcp(plane, { pin: "2026-07-28" }),
  "mcp 2025-11-25": (plane) => openMcp(plane, "legacy"),
  "/v1 client": async (plane) => {
    const client = createClient({ url: plane.controlUrl, token: plane.token, project: plane.project });
    return async () => (await client.url({})).previewUrl;
  },
  "/v1 plain": async (plane) => openPlain(plane),
  "/healthz": async (plane) => openHealth(plane),
};

async function openMcp({ controlUrl, token, project }, mode) {
  const client = new Client({ name: "bench", version: "1.0.0" }, { versionNegotiation: { mode } });
  const headers = { authorization: `Bearer ${token}`, "x-project-slug": project };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${controlUrl}/mcp`), { requestInit: { headers } }));
  return async () => {
    const { isError, structuredContent } = await client.callTool({ name: "dev_preview_url", arguments: {} });
    if (isError) throw new Error("the tool failed");
    return structuredContent.previewUrl;
  };
}

const agent = new Agent({ keepAlive: true });

/** As little client as possible, so that what is measured is the plane. */
function openPlain({ controlUrl, token, project }) {
  const options = {
    method: "POST",
    agent,
    headers: { authorization: `Bearer ${token}`, "x-project-slug": project, "content-type": "application/json" },
  };
  return () =>
    new Promise((resolve, reject) => {
      const outgoing = request(`${controlUrl}/v1/links`, options, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk) => (body += chunk));
        response.on("end", () => resolve(JSON.parse(body).previewUrl));
      });
      outgoing.on("error", reject).end("{}");
    });
}

/** No call at all: what Node, its HTTP server and this caller cost by themselves. */
function openHealth({ controlUrl, previewUrl }) {
  return () =>
    new Promise((resolve, reject) => {
      const outgoing = request(`${controlUrl}/healthz`, { agent }, (response) => {
        response.resume().on("end", () => resolve(previewUrl));
      });
      outgoing.on("error", reject).end();
    });
}

/** Every caller waits for its answer, then `pauseMs` (spread by half), then calls again. */
async function run(callers, { durationMs, pauseMs, previewUrl }) {
  const samples = [];
  const endAt = performance.now() + durationMs;
  await Promise.all(
    callers.map(async (call) => {
      if (pauseMs > 0) await pause(Math.random() * pauseMs);
      while (performance.now() < endAt) {
        const startedAt = performance.now();
        const url = await call();
        samples.push(performance.now() - startedAt);
        if (url !== previewUrl) throw new Error(`another URL: ${url}`);
        if (pauseMs > 0) await pause(pauseMs * (0.5 + Math.random()));
      }
    }),
  );
  return samples;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const opened = new Map();
process.on("message", (order) => {
  carryOut(order).then(
    (samples) => process.send({ samples }),
    (error) => process.send({ error: String(error?.stack ?? error) }),
  );
});

async function carryOut({ plane, door, callers, ...rest }) {
  const key = `${door} ${callers}`;
  if (!opened.has(key)) opened.set(key, await Promise.all(Array.from({ length: callers }, () => doors[door](plane))));
  return await run(opened.get(key), { ...rest, ...plane });
}
