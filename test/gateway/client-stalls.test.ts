import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askingFronts } from "./support/asking.ts";
import type { AskingFront, AskOptions } from "./support/asking.ts";
import { startPreview } from "./support/fixture.ts";
import { watchTimers } from "./support/open-timers.ts";
import type { OpenTimers } from "./support/open-timers.ts";
import type { Script, ScriptedUpstream } from "./support/scripted-upstream.ts";

const never = new Promise<void>(() => {});
const large = 50 * 1024 * 1024;

interface Stage extends AskOptions {
  readonly what: string;
  readonly script: Script;
  /** Sent of a body. */
  readonly half?: string;
  /** The client has its answer. */
  readonly answered?: true;
  /** Reads nothing. */
  readonly stalls?: true;
  /** True once the stage is reached; `heard` by the client. */
  readonly reached: (upstream: ScriptedUpstream, heard: number) => boolean;
}

const asked = ({ requests }: ScriptedUpstream): boolean => requests.length === 1;
const answering =
  (text: string): Script =>
  async (peer) => {
    peer.write(text);
    await never;
  };

const stages: readonly Stage[] = [
  { what: "while the app thinks", script: () => never, reached: asked },
  { what: "while the app is in its head", script: answering("HTTP/1.1 200 OK\r\nX-A: b"), reached: asked },
  { what: "after early hints", script: answering("HTTP/1.1 103 Early Hints\r\n\r\n"), reached: asked },
  {
    what: "within a body of a length",
    script: answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"),
    reached: (_upstream, heard) => heard > 0,
  },
  {
    what: "within chunks",
    script: answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"),
    reached: (_upstream, heard) => heard > 0,
  },
  {
    what: "within a body up to its close",
    script: answering("HTTP/1.1 200 OK\r\n\r\npart"),
    reached: (_upstream, heard) => heard > 0,
  },
  { what: "having sent no byte of its body", script: () => never, method: "POST", length: 100, reached: asked },
  { what: "having sent half a body", script: () => never, method: "POST", length: 100, half: "half", reached: asked },
  {
    what: "having sent half a body that was answered already",
    script: answering("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"),
    method: "POST",
    length: 100,
    half: "half",
    answered: true,
    reached: (_upstream, heard) => heard > 0,
  },
  {
    what: "having read nothing of 50 MB",
    script: async (peer) => {
      peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${large}\r\n\r\n`);
      peer.write(Buffer.alloc(large));
      await never;
    },
    stalls: true,
    reached: asked,
  },
];

let timers: OpenTimers;
beforeEach(() => {
  timers = watchTimers("/src/gateway/");
});
afterEach(() => timers.stop());

/** Takes a client to a stage of its request, where everything comes to a halt. */
async function haltAt(front: AskingFront, { script, half, stalls, reached, ...options }: Stage) {
  const preview = await startPreview(script, { gateway: front.gateway });
  const timersBefore = timers.count();
  const asking = await front.ask(preview, options);
  let heard = 0;
  asking.duplex.on("data", (bytes: Buffer) => (heard += bytes.length));
  if (stalls === true) asking.duplex.pause();
  if (half !== undefined) asking.duplex.write(half);
  await expect.poll(() => reached(preview.upstream, heard)).toBe(true);
  return { ...preview, ...asking, timersBefore };
}

type Halted = Awaited<ReturnType<typeof haltAt>>;

async function leavesNothing({ harness, upstream, timersBefore }: Halted): Promise<void> {
  const bound = { timeout: 5_000 };
  await expect.poll(() => upstream.open() + harness.gateway.openSockets(), bound).toBe(0);
  await expect.poll(() => timers.count() - timersBefore, bound).toBe(0);
}

describe.each(askingFronts)("a client over $name", (front) => {
  test.each(stages)("that leaves $what leaves nothing open", async (stage) => {
    const halted = await haltAt(front, stage);
    halted.leave();
    await halted.outcome;
    await leavesNothing(halted);
  });

  test.each(stages.filter(({ answered }) => answered !== true))(
    "that waits, $what, is cut off from the app when its link ends",
    async (stage) => {
      const halted = await haltAt(front, stage);
      const { harness, link, upstream, duplex, outcome, leave } = halted;
      harness.feed.change({ previewIds: [link.route.previewId], routes: [] });
      await expect.poll(() => upstream.open() + harness.gateway.readTraffic().upstreams).toBe(0);
      duplex.resume();
      const { status, whole } = await outcome;
      expect([status, whole]).toEqual(status === 410 ? [410, true] : [expect.toBeOneOf([0, 200]), false]);
      leave();
      await leavesNothing(halted);
    },
  );
});
