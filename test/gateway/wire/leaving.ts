import { once } from "node:events";
import type { Socket } from "node:net";
import { expect } from "vitest";
import { connectFrames, flags, frameTypes, headerBlock } from "../support/http2-frames.ts";
import { watchTimers } from "../support/open-timers.ts";
import { ok } from "../support/scripted-upstream.ts";
import type { Script, ScriptedUpstream } from "../support/scripted-upstream.ts";
import type { Ask, Asking, Front, Line, Place } from "./front.ts";
import { megabyte } from "./pace.ts";
import { untilNone } from "./play.ts";
import { pseudo } from "./raw.ts";
import type { Group, Play, Row } from "./row.ts";

const never: Script = () => new Promise(() => {});
const says =
  (text: string): Script =>
  (peer) => {
    peer.write(text);
    return new Promise(() => {});
  };

/** Where a request may come to a halt. */
export interface Stage {
  readonly what: string;
  readonly app: Script;
  readonly ask?: Ask;
  /** The client has its answer. */
  readonly answered?: true;
  /** Reads nothing. */
  readonly stalls?: true;
  /** True once it is reached; `heard`: bytes that the client got. */
  readonly reached: (upstream: ScriptedUpstream, heard: number) => boolean;
}

const asked: Stage["reached"] = ({ requests }) => requests.length === 1;
const hears: Stage["reached"] = (_upstream, heard) => heard > 0;
const post = { method: "POST", open: true, length: 100 } as const;
const large = 50 * megabyte;

export const stages: readonly Stage[] = [
  { what: "while the app thinks", app: never, reached: asked },
  { what: "while the app is in its head", app: says("HTTP/1.1 200 OK\r\nX-A: b"), reached: asked },
  { what: "after early hints", app: says("HTTP/1.1 103 Early Hints\r\n\r\n"), reached: asked },
  {
    what: "within a body of a length",
    app: says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"),
    reached: hears,
  },
  {
    what: "within chunks",
    app: says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"),
    reached: hears,
  },
  { what: "within a body up to its close", app: says("HTTP/1.1 200 OK\r\n\r\npart"), reached: hears },
  { what: "having sent no byte of its body", app: never, ask: post, reached: asked },
  { what: "having sent half a body", app: never, ask: { ...post, body: "half" }, reached: asked },
  {
    what: "having sent half a body that was answered already",
    app: says("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"),
    ask: { ...post, body: "half" },
    answered: true,
    reached: hears,
  },
  {
    what: "having read nothing of 50 MB",
    app: (peer) => {
      peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${large}\r\n\r\n`);
      peer.write(Buffer.alloc(large));
      return new Promise(() => {});
    },
    stalls: true,
    reached: asked,
  },
];

export interface Halted {
  readonly place: Place;
  readonly line: Line;
  readonly asking: Asking;
  /** Leaves, and waits until nothing of it is open, no timer either. */
  readonly leaveNothing: () => Promise<void>;
}

/** Takes a client to a stage of its request, where everything comes to a halt. */
export async function haltAt(front: Front, { app, ask = {}, stalls, reached }: Stage): Promise<Halted> {
  const place = await front.start(app);
  const { upstream, harness } = place;
  const timers = watchTimers("/src/gateway/");
  try {
    const line = await place.connect();
    const asking = line.ask(ask);
    let heard = 0;
    asking.duplex.on("data", (bytes: Buffer) => (heard += bytes.length));
    if (stalls === true) asking.duplex.pause();
    await expect.poll(() => reached(upstream, heard), { interval: 5 }).toBe(true);
    const leaveNothing = async () => {
      try {
        line.leave();
        await untilNone(() => upstream.open() + harness.gateway.openSockets());
        await untilNone(() => timers.count());
      } finally {
        timers.stop();
      }
    };
    return { place, line, asking, leaveNothing };
  } catch (error) {
    timers.stop();
    throw error;
  }
}

/** Begins a body on a connection, and ends that. */
function endsConnection(begin: (place: Place) => Promise<Socket>): Play {
  return async (front) => {
    const seen: string[] = [];
    const place = await front.start(async (peer) => {
      seen.push(await peer.until("part\r\n"));
      seen.push(await peer.rest());
    });
    const socket = await begin(place);
    await expect.poll(() => seen.length, { interval: 5 }).toBe(1);
    socket.end();
    await expect.poll(() => seen).toEqual(["4\r\npart\r\n", ""]);
    await untilNone(() => place.upstream.open());
  };
}

export const leaving: Group = {
  title: "Clients that leave: the app's side ends, and nothing stays open",
  rows: [
    {
      name: "a client that leaves before the app was reached: the dialling is given up, and the app never asked",
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
    ...stages.map((stage): Row => ({
      name: `a client that leaves ${stage.what}`,
      both: async (front) => await (await haltAt(front, stage)).leaveNothing(),
    })),
    {
      name: "a body that its client leaves never looks whole to the app",
      both: async (front) => {
        for (const length of [100, "unknown"] as const) {
          const seen: string[] = [];
          const place = await front.start(async (peer) => void seen.push(await peer.rest()));
          const asking = (await place.connect()).ask({ method: "POST", body: "part", open: true, length });
          await expect.poll(() => place.upstream.requests.length, { interval: 5 }).toBe(1);
          asking.leave();
          await untilNone(() => place.upstream.open());
          expect(["", "part", "4\r\npart\r\n"]).toContain(seen[0]);
        }
      },
    },
    {
      name: "a client that ends its side of the connection has left, as one that closes it",
      http1: endsConnection(async (place) => {
        const client = await place.harness.connect();
        client.write(place.fill(`POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n`));
        return client.socket;
      }),
      http2: endsConnection(async (place) => {
        const client = await connectFrames(place.harness.port);
        const fields = pseudo({ ":method": "POST", ":authority": place.link.name });
        client.send(frameTypes.headers, flags.endHeaders, 1, headerBlock(fields));
        client.send(frameTypes.data, 0, 1, Buffer.from("part"));
        return client.socket;
      }),
    },
    {
      name: "a client that leaves with several requests under way ends all of them",
      both: async (front) => {
        const place = await front.start(never);
        const line = await place.connect();
        for (const path of ["/1", "/2", "/3"]) line.ask({ path });
        await expect.poll(() => place.upstream.requests.length).toBe(3);
        line.leave();
        await untilNone(() => place.upstream.open() + place.harness.gateway.openSockets());
        expect(place.harness.gateway.readTraffic().aborted).toBe(3);
      },
    },
    {
      name: "a client that leaves while others stay: these go on",
      both: async (front) => {
        const place = await front.start((peer, { line }) => {
          if (line.includes("/quick")) return peer.write(ok());
          return new Promise(() => {});
        });
        const leaves = await place.connect();
        // of the same connection, where it may have several
        const stays = front.name === "HTTP/2" ? leaves : await place.connect();
        const hanging = leaves.ask({ path: "/hang" });
        await expect.poll(() => place.upstream.requests.length).toBe(1);
        expect((await stays.ask({ path: "/quick" }).answer()).status).toBe(200);
        hanging.leave();
        await expect.poll(() => place.upstream.open()).toBe(1);
        expect((await stays.ask({ path: "/quick" }).answer()).status).toBe(200);
      },
    },
  ],
};
