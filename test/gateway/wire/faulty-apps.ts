import { once } from "node:events";
import { expect } from "vitest";
import { watchTimers } from "../support/open-timers.ts";
import type { Script, UpstreamPeer } from "../support/scripted-upstream.ts";
import type { Ask } from "./front.ts";
import { untilNone } from "./play.ts";
import type { Group, Play, Row } from "./row.ts";

/** Says `text` and then, once it is on its way, ends or breaks the connection. */
const says =
  (text: string, then: "ends" | "resets" | "stays" = "stays"): Script =>
  async ({ socket }) => {
    if (text !== "") await new Promise<void>((resolve) => socket.write(text, "latin1", () => resolve()));
    // what was said is read apart from how it ended
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (then === "ends") socket.end();
    else if (then === "resets") socket.resetAndDestroy();
  };

/** Says `text` again and again for as long as it is listened to. */
const repeats =
  (start: string, text: string): Script =>
  async ({ socket }: UpstreamPeer) => {
    socket.write(start, "latin1");
    const gone = once(socket, "close");
    while (!socket.destroyed && socket.writable) {
      if (!socket.write(text, "latin1")) await Promise.race([gone, once(socket, "drain")]);
    }
  };

const length = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const untilClose = "HTTP/1.1 200 OK\r\n\r\n";

const half: Ask = { method: "POST", body: "half", open: true, length: 9 };

/** What breaks the framing in the read that brought the head is still answered, else the answer breaks off. */
type Ending = "502" | "broken off" | "502 or broken off" | "whole";

interface Fault {
  readonly what: string;
  readonly script: Script;
  readonly ending: Ending;
  readonly ask?: Ask;
}

const faults: readonly Fault[] = [
  { what: "closes before a byte", script: says("", "ends"), ending: "502" },
  { what: "resets before a byte", script: says("", "resets"), ending: "502" },
  { what: "closes within the status line", script: says("HTTP/1.1 20", "ends"), ending: "502" },
  { what: "closes within its head", script: says("HTTP/1.1 200 OK\r\nX-A", "ends"), ending: "502" },
  { what: "resets within its head", script: says("HTTP/1.1 200 OK\r\nX-A", "resets"), ending: "502" },
  { what: "closes after early hints", script: says("HTTP/1.1 103 Early Hints\r\n\r\n", "ends"), ending: "502" },
  { what: "says garbage and closes", script: says("\x16\x03\x01\0\0garbage", "ends"), ending: "502" },
  { what: "says garbage with an empty line", script: says("garbage\r\n\r\n"), ending: "502" },
  { what: "says garbage for ever", script: repeats("", "garbage ".repeat(1_000)), ending: "502" },
  { what: "says empty lines for ever", script: repeats("", "\r\n".repeat(1_000)), ending: "502" },
  {
    what: "has a head that never ends",
    script: repeats("HTTP/1.1 200 OK\r\n", "X-A: b\r\n".repeat(100)),
    ending: "502",
  },
  {
    what: "has a header that never ends",
    script: repeats("HTTP/1.1 200 OK\r\nX-A: ", "b".repeat(1_000)),
    ending: "502",
  },
  { what: "says 102 for ever", script: repeats("", "HTTP/1.1 102 Processing\r\n\r\n"), ending: "502" },
  { what: "says 100 for ever", script: repeats("", "HTTP/1.1 100 Continue\r\n\r\n"), ending: "502" },
  { what: "switches protocols unasked", script: says("HTTP/1.1 101 OK\r\nUpgrade: a\r\n\r\nhello"), ending: "502" },
  { what: "closes where a body of a length begins", script: says(length, "ends"), ending: "broken off" },
  { what: "closes within a length", script: says(`${length}part`, "ends"), ending: "broken off" },
  { what: "resets within a length", script: says(`${length}part`, "resets"), ending: "broken off" },
  { what: "closes one byte before a length", script: says(length + "x".repeat(99), "ends"), ending: "broken off" },
  { what: "says more than a length", script: says(length + "x".repeat(150)), ending: "whole" },
  { what: "says more than a length for ever", script: repeats(length, "x".repeat(1_000)), ending: "whole" },
  { what: "closes where chunks begin", script: says(chunked, "ends"), ending: "broken off" },
  { what: "closes within a chunk", script: says(`${chunked}40\r\npart`, "ends"), ending: "broken off" },
  { what: "closes between chunks", script: says(`${chunked}4\r\npart\r\n`, "ends"), ending: "broken off" },
  { what: "resets between chunks", script: says(`${chunked}4\r\npart\r\n`, "resets"), ending: "broken off" },
  {
    what: "closes within trailers",
    script: says(`${chunked}4\r\npart\r\n0\r\nX-A: b\r\n`, "ends"),
    ending: "broken off",
  },
  { what: "has a chunk without a size", script: says(`${chunked}4\r\npart\r\nzz\r\n`), ending: "502 or broken off" },
  {
    what: "has a chunk size that never ends",
    script: repeats(`${chunked}4\r\npart\r\n`, "0".repeat(1_000)),
    ending: "502 or broken off",
  },
  {
    what: "has a chunk extension that never ends",
    script: repeats(`${chunked}4;`, "a=b;".repeat(1_000)),
    ending: "502 or broken off",
  },
  {
    what: "has trailers that never end",
    script: repeats(`${chunked}0\r\n`, "X-A: b\r\n".repeat(1_000)),
    ending: "502 or broken off",
  },
  { what: "closes a body up to its close", script: says(`${untilClose}part`, "ends"), ending: "whole" },
  { what: "resets a body up to its close", script: says(`${untilClose}part`, "resets"), ending: "broken off" },
  {
    what: "sends a body with HEAD",
    script: says(`${length}${"x".repeat(100)}`),
    ask: { method: "HEAD" },
    ending: "whole",
  },
  { what: "sends a body with 204", script: says("HTTP/1.1 204 No Content\r\n\r\nbody"), ending: "whole" },
  { what: "closes before half a request came", script: says("", "ends"), ask: half, ending: "502" },
  { what: "resets before half a request came", script: says("", "resets"), ask: half, ending: "502" },
];

const endings: Readonly<Record<Ending, RegExp>> = {
  "502": /^502 unreachable, whole$/,
  // of a head that came alone nothing may have been sent
  "broken off": /^(200|0) of the app, broken off$/,
  "502 or broken off": /^(200 of the app, broken off|502 unreachable, whole)$/,
  whole: /^(200|204) of the app, whole$/,
};

/** How the client's answer ends, in bounded time; nothing of it stays open, no timer either. */
function ends({ script, ending, ask = {} }: Fault): Play {
  return async (front) => {
    const timers = watchTimers("/src/gateway/");
    try {
      const place = await front.start(script);
      const { upstream, harness } = place;
      const before = timers.count();
      const line = await place.connect();
      const { status, whole, header } = await line.ask(ask).answer();
      const told = `${status} ${header("x-preview-status") ?? "of the app"}, ${whole ? "whole" : "broken off"}`;
      expect(told).toMatch(endings[ending]);
      line.leave();
      await untilNone(() => upstream.open() + harness.gateway.openSockets());
      await untilNone(() => timers.count() - before);
    } finally {
      timers.stop();
    }
  };
}

export const faultyApps: Group = {
  title: "Apps at fault: how the answer ends, in bounded time, with nothing left open",
  rows: faults.map((fault): Row => ({ name: `an app that ${fault.what}: ${fault.ending}`, both: ends(fault) })),
};
