import { once } from "node:events";
import { expect } from "vitest";
import { ok } from "../support/scripted-upstream.ts";
import type { Script } from "../support/scripted-upstream.ts";
import type { Ask } from "./front.ts";
import { untilNone } from "./play.ts";
import type { Group, Play } from "./row.ts";

const never: Script = () => new Promise(() => {});
const says =
  (text: string): Script =>
  (peer) => {
    peer.write(text);
    return new Promise(() => {});
  };

/** Broken off once the app has the request, and the client so much of an answer; then the app's side ends. */
function endsAtTheApp(ask: Ask, app: Script, heard = ""): Play {
  return async (front) => {
    const place = await front.start(app);
    const asking = (await place.connect()).ask(ask);
    await expect.poll(() => place.upstream.requests.length).toBe(1);
    if (heard !== "") expect(await asking.take(heard.length)).toBe(heard);
    asking.leave();
    await untilNone(() => place.upstream.open());
  };
}

export const leaving: Group = {
  title: "Clients that leave",
  rows: [
    {
      name: "before the app was reached: the dialling is given up, and the app never asked",
      both: async (front) => {
        let dialled = () => {};
        const dialling = new Promise<void>((resolve) => (dialled = resolve));
        let aborted = false;
        const place = await front.start(undefined, {
          gateway: {
            dial: async (_route, { signal }) => {
              dialled();
              await once(signal!, "abort");
              aborted = true;
              throw new Error("aborted");
            },
          },
        });
        const asking = (await place.connect()).ask();
        await dialling;
        asking.leave();
        await expect.poll(() => aborted).toBe(true);
        expect(place.upstream.connections()).toBe(0);
      },
    },
    { name: "while the app thinks: its side ends", both: endsAtTheApp({}, never) },
    {
      name: "within an answer: its side ends",
      both: endsAtTheApp({}, says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"), "part"),
    },
    {
      name: "within a body: its side breaks off, and what it got does not look whole",
      both: async (front) => {
        for (const length of [100, "unknown"] as const) {
          const seen: string[] = [];
          const place = await front.start(async (peer) => void seen.push(await peer.rest()));
          const asking = (await place.connect()).ask({ method: "POST", body: "part", open: true, length });
          await expect.poll(() => place.upstream.requests.length).toBe(1);
          asking.leave();
          await untilNone(() => place.upstream.open());
          expect(seen).toEqual([expect.toBeOneOf(["", "part", "4\r\npart\r\n"])]);
        }
      },
    },
    {
      name: "with several requests under way: all of them end at the app",
      both: async (front) => {
        const place = await front.start(never);
        const line = await place.connect();
        for (const path of ["/1", "/2", "/3"]) line.ask({ path });
        await expect.poll(() => place.upstream.requests.length).toBe(3);
        line.leave();
        await untilNone(() => place.upstream.open() + place.harness.gateway.openSockets());
      },
    },
    {
      name: "while others stay: these go on",
      both: async (front) => {
        const place = await front.start((peer, { line }) => {
          if (line.includes("/quick")) return peer.write(ok());
          return new Promise(() => {});
        });
        const [leaves, stays] = [await place.connect(), await place.connect()];
        const hanging = leaves.ask({ path: "/hang" });
        expect((await stays.ask({ path: "/quick" }).answer()).status).toBe(200);
        await expect.poll(() => place.upstream.requests.length).toBe(2);
        hanging.leave();
        await expect.poll(() => place.upstream.open()).toBe(1);
        expect((await stays.ask({ path: "/quick" }).answer()).status).toBe(200);
      },
    },
  ],
};
