import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askingFronts } from "./support/asking.ts";
import type { AskingFront, AskOptions } from "./support/asking.ts";
import { startPreview } from "./support/fixture.ts";
import type { Preview } from "./support/fixture.ts";
import { watchTimers } from "./support/open-timers.ts";
import type { OpenTimers } from "./support/open-timers.ts";
import type { Script, UpstreamPeer } from "./support/scripted-upstream.ts";

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

/** What breaks the framing in the read that brought the head is still answered, else the answer breaks off. */
type Ending = "502" | "broken off" | "502 or broken off" | "whole";
interface Fault extends AskOptions {
  readonly what: string;
  readonly script: Script;
  readonly ending: Ending;
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
  { what: "sends a body with HEAD", script: says(`${length}${"x".repeat(100)}`), method: "HEAD", ending: "whole" },
  { what: "sends a body with 204", script: says("HTTP/1.1 204 No Content\r\n\r\nbody"), ending: "whole" },
  { what: "closes before half a request came", script: says("", "ends"), method: "POST", length: 9, ending: "502" },
  { what: "resets before half a request came", script: says("", "resets"), method: "POST", length: 9, ending: "502" },
];

const endings: Readonly<Record<Ending, RegExp>> = {
  "502": /^502 unreachable, whole$/,
  // of a head that came alone nothing may have been sent
  "broken off": /^(200|0) of the app, broken off$/,
  "502 or broken off": /^(200 of the app, broken off|502 unreachable, whole)$/,
  whole: /^(200|204) of the app, whole$/,
};

let timers: OpenTimers;
beforeEach(() => {
  timers = watchTimers("/src/gateway/");
});
afterEach(() => timers.stop());

async function start(front: Pick<AskingFront, "gateway">, script: Script): Promise<Preview & { timersBefore: number }> {
  const preview = await startPreview(script, { gateway: front.gateway });
  return { ...preview, timersBefore: timers.count() };
}

/** Ours may linger for two seconds, to read what the client still says. */
async function leavesNothing({ harness, upstream, timersBefore }: Awaited<ReturnType<typeof start>>): Promise<void> {
  const bound = { timeout: 5_000 };
  await expect.poll(() => upstream.open() + harness.gateway.openSockets(), bound).toBe(0);
  await expect.poll(() => timers.count() - timersBefore, bound).toBe(0);
}

describe.each(askingFronts)("an app, asked over $name,", (front) => {
  test.each(faults)(
    "that $what: $ending, in bounded time, and nothing stays open",
    async ({ script, ending, ...asked }) => {
      const preview = await start(front, script);
      const { outcome, duplex, leave } = await front.ask(preview, asked);
      if (asked.length !== undefined) duplex.write("half");
      const { status, previewStatus, whole } = await outcome;
      const told = `${status} ${previewStatus ?? "of the app"}, ${whole ? "whole" : "broken off"}`;
      expect(told).toMatch(endings[ending]);
      leave();
      await leavesNothing(preview);
    },
  );
});
