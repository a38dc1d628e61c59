import { once } from "node:events";
import { expect } from "vitest";
import { UpstreamMovedError } from "../../../src/errors.ts";
import { dialPort } from "../support/harness.ts";
import { ok } from "../support/scripted-upstream.ts";
import type { Script } from "../support/scripted-upstream.ts";
import type { Ask } from "./front.ts";
import { each, exchange } from "./play.ts";
import type { Group, Play } from "./row.ts";

const unreachable = { status: 502, previewStatus: "unreachable" } as const;

/** The app answers the first request of a connection and hangs up on the second. */
const hangsUp: Script = (peer, { index }) => {
  if (index === 0) peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  else peer.socket.destroy();
};

/** Asked on a connection that the app closes just then, this fails, and the app has heard it once. */
function isNotRepeated(ask: Ask, app: Script = hangsUp): Play {
  return async (front) => {
    const place = await front.start(app);
    const line = await place.connect();
    expect((await line.ask().answer()).status).toBe(200);
    const { status, whole } = await line.ask({ ...ask, path: "/once" }).answer();
    expect([status, whole]).toEqual([502, true]);
    expect(place.upstream.requests.filter((request) => request.line.includes("/once"))).toHaveLength(1);
  };
}

export const reaching: Group = {
  title: "Reaching the app, and trying again",
  rows: [
    {
      name: "an app that refuses connections is a 502 at once, with Retry-After",
      both: async (front) => {
        const place = await front.start();
        await place.upstream.close();
        const line = await place.connect();
        const startedAt = performance.now();
        const { status, header } = await line.ask().answer();
        expect(performance.now() - startedAt).toBeLessThan(2_000);
        expect([status, header("x-preview-status"), header("retry-after")]).toEqual([502, "unreachable", "1"]);
      },
    },
    {
      name: "so is one whose port a stranger holds, who is not asked",
      both: async (front) => {
        const dial = () => Promise.reject(new UpstreamMovedError("port taken over"));
        const place = await front.start(undefined, { gateway: { dial } });
        const { status, header } = await (await place.connect()).ask().answer();
        expect([status, header("x-preview-status")]).toEqual([502, "unreachable"]);
        expect(place.upstream.connections()).toBe(0);
      },
    },
    {
      name: "so is one that closes or resets every connection at once",
      both: each(["closes", "resets"], (how) =>
        exchange({
          gateway: {
            dial: async (route, options) => {
              const socket = await dialPort(route.port, options);
              const closed = once(socket, "close");
              socket.on("error", () => {});
              if (how === "closes") socket.destroy();
              else socket.resetAndDestroy();
              await closed;
              return socket;
            },
          },
          answer: unreachable,
        }),
      ),
    },
    {
      name: "the next request may reach it again",
      both: async (front) => {
        let refuse = true;
        const place = await front.start(undefined, {
          gateway: {
            dial: (route, options) => (refuse ? Promise.reject(new Error("refused")) : dialPort(route.port, options)),
          },
        });
        const line = await place.connect();
        expect((await line.ask().answer()).status).toBe(502);
        refuse = false;
        expect((await line.ask().answer()).status).toBe(200);
      },
    },
    {
      name: "a kept connection that the app closes just as it is used costs no GET: 10 of 10 succeed",
      both: async (front) => {
        const place = await front.start(hangsUp);
        const line = await place.connect();
        for (let round = 0; round < 10; round++)
          expect((await line.ask({ path: `/${round}` }).answer()).status).toBe(200);
        expect(place.upstream.requests.length).toBeGreaterThan(10);
      },
    },
    {
      name: "nor a HEAD, OPTIONS, TRACE or DELETE",
      both: each(["HEAD", "OPTIONS", "TRACE", "DELETE"], (method) => async (front) => {
        const place = await front.start(hangsUp);
        const line = await place.connect();
        for (let round = 0; round < 4; round++) expect((await line.ask({ method }).answer()).status).toBe(200);
        expect(place.upstream.requests.length).toBeGreaterThan(4);
      }),
    },
    { name: "a POST is not sent twice, even without a body", both: isNotRepeated({ method: "POST", length: 0 }) },
    { name: "nor is a PUT whose body is spent", both: isNotRepeated({ method: "PUT", body: "body" }) },
    {
      name: "nor is a GET whose answer had begun",
      both: isNotRepeated({}, (peer, { index }) => {
        peer.write(index === 0 ? ok("answer") : "HTTP/1.1 200 O");
        if (index > 0) peer.end();
      }),
    },
    {
      name: "nor is a GET on a fresh connection",
      both: async (front) => {
        const place = await front.start((peer) => void peer.socket.destroy());
        expect((await (await place.connect()).ask().answer()).status).toBe(502);
        expect(place.upstream.requests).toHaveLength(1);
      },
    },
  ],
};
