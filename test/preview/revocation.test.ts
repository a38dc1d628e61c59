import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPlaneUnderTest } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";

const program = (name: string) => fileURLToPath(new URL(`../../bench/support/${name}`, import.meta.url));

let plane: PlaneUnderTest;
/** Clients are a process of their own: what they do takes no time of the gateway's. */
let holder: ChildProcess;
beforeAll(async () => {
  plane = await openPlaneUnderTest();
  holder = fork(program("socket-holder.mjs"));
});
afterAll(async () => {
  const exited = once(holder, "exit");
  holder.disconnect();
  await exited;
  await plane.close();
});

interface Answer {
  readonly error?: string;
  /** When each socket ended, ms of the machine's monotonic clock. */
  readonly moments?: number[];
}

async function ask(order: object): Promise<number[]> {
  const answered = once(holder, "message") as Promise<[Answer]>;
  holder.send(order);
  const [{ error, moments = [] }] = await answered;
  if (error !== undefined) throw new Error(error);
  return moments;
}

/** ms from the call to the end of the last socket, at its client. */
async function cutTime(name: string, call: () => Promise<unknown>): Promise<number> {
  const ended = ask({ closed: name });
  const begunAt = Number(process.hrtime.bigint()) / 1e6;
  await call();
  return Math.max(...(await ended)) - begunAt;
}

/** `count` sockets on a further link. */
async function openSockets(label: string, count: number): Promise<string> {
  const { previewUrl } = await plane.url({ label });
  await ask({ open: label, count, port: plane.gatewayPort, host: new URL(previewUrl!).hostname });
  const links = await plane.previews.links.list(plane.context, {});
  return links.find((link) => link.label === label)!.id;
}

describe("with a thousand sockets open", () => {
  it("those of one link end within a second of its end, at their clients, and the others when the preview does", async () => {
    await plane.start({ command: `'${process.execPath}' '${program("socket-app.mjs")}'` });
    const few = await openSockets("few", 100);
    const many = await openSockets("many", 500);
    await openSockets("rest", 400);
    const { links } = plane.previews;
    expect(await cutTime("few", () => links.revoke(plane.context, few))).toBeLessThan(1000);
    expect(await cutTime("many", () => links.rotate(plane.context, many, {}))).toBeLessThan(1000);
    expect(await cutTime("rest", () => plane.stop())).toBeLessThan(1000);
  }, 60_000);
});
