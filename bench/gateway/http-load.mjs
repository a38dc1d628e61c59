// HTTP load by wrk: one thread, requests made beforehand, figures read from its `done` hook.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./machine.mjs";

const browserHeaders = {
  "User-Agent": "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  Accept: "*/*",
  "Accept-Encoding": "gzip, deflate, br",
  "Accept-Language": "en",
  "Cache-Control": "no-cache",
  Referer: "http://app.bench/",
  "Sec-Fetch-Dest": "script",
  "Sec-Fetch-Mode": "cors",
  "Sec-Fetch-Site": "same-origin",
};

const navigation = { Accept: "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate" };

/**
 * `requests`: `{ method?, path, host?, bodyBytes? }[]`, sent in turn on each connection. Resolves with requests per
 * second, p50 and p99 in µs, and bytes per second; rejects when an answer was not 2xx.
 */
export async function loadWithWrk(
  { port, host },
  { directory, requests, connections, seconds, close = false, page = false, core = "load" },
) {
  const lua = join(directory, `load-${Math.random().toString(36).slice(2)}.lua`);
  const headers = { ...browserHeaders, ...(close && { Connection: "close" }), ...(page && navigation) };
  const one = ({ method = "GET", path, host: name = host, bodyBytes = 0 }) =>
    `wrk.format("${method}", "${path}", with("${name}"), ${bodyBytes === 0 ? "nil" : `body(${bodyBytes})`})`;
  writeFileSync(
    lua,
    `local bodies = {}
local function body(bytes)
  bodies[bytes] = bodies[bytes] or string.rep("x", bytes)
  return bodies[bytes]
end
local function with(host)
  return { Host = host, ${Object.entries(headers)
    .map(([name, value]) => `["${name}"] = "${value}"`)
    .join(", ")} }
end
local requests, at = {}, 0
function init()
${requests.map((request, index) => `  requests[${index + 1}] = ${one(request)}`).join("\n")}
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency)
  local errors = summary.errors
  print(string.format("RESULT %d %d %d %d %d %d", summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99), errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
`,
  );
  const text = await run(core, [
    "wrk",
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "--timeout",
    "20s",
    "-s",
    lua,
    `http://127.0.0.1:${port}/`,
  ]);
  const [, count, micros, bytes, p50, p99, errors] = /RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)/
    .exec(text)
    .map(Number);
  if (errors > 0 && !close) throw new Error(`${errors} of ${count} requests failed:\n${text}`);
  return { count, rate: count / (micros / 1e6), bytesPerSecond: bytes / (micros / 1e6), p50, p99 };
}
