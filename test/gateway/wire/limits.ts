import { expect } from "vitest";
import { ok } from "../support/scripted-upstream.ts";
import type { Field, Front } from "./front.ts";
import { each } from "./play.ts";
import { closed, get, refuses } from "./raw.ts";
import type { Group, Play } from "./row.ts";

const fill = (kilobytes: number): Field[] =>
  Array.from({ length: kilobytes }, (_, at) => [`x-fill-${at}`, "v".repeat(1000)]);
const short = (count: number): Field[] => Array.from({ length: count }, (_, at) => [`a${at}`, "b"]);
const filled = (headers: readonly Field[]): number =>
  headers.filter(([name]) => /^(?:x-fill-|a)\d+$/i.test(name)).length;

/** As a stream that is reset, an answer of 431, or the end of the connection; the app hears nothing. */
const tooMuch =
  (fields: readonly Field[]): Play =>
  async (front: Front) => {
    const place = await front.start();
    const answer = await (await place.connect()).ask({ fields }).answer();
    expect([0, 431]).toContain(answer.status);
    expect(place.upstream.requests).toEqual([]);
  };

const lines = (fields: readonly Field[]): string[] => fields.map(([name, value]) => `${name}: ${value}`);

export const limits: Group = {
  title: "Large heads",
  rows: [
    {
      name: "heads of requests of 30, 60 and 100 KB reach the app whole",
      both: each([30, 60, 100], (kilobytes) => async (front) => {
        const place = await front.start();
        const answer = await (await place.connect()).ask({ fields: fill(kilobytes) }).answer();
        expect(answer.status).toBe(200);
        expect(filled(place.upstream.requests[0]!.headers)).toBe(kilobytes);
      }),
    },
    {
      name: "heads of answers of 30, 60 and 100 KB reach the client whole",
      both: each([30, 60, 100], (kilobytes) => async (front) => {
        const headers = fill(kilobytes).map(([name, value]) => `${name}: ${value}\r\n`);
        const place = await front.start((peer) => peer.write(ok("big", headers.join(""))));
        const answer = await (await place.connect()).ask().answer();
        expect([answer.body, filled(answer.headers)]).toEqual(["big", kilobytes]);
      }),
    },
    {
      name: "a larger head of a request is refused whole: by 431",
      http1: refuses([get(...lines(fill(200))), `GET /${"a".repeat(200_000)} HTTP/1.1\r\nHost: {host}\r\n\r\n`], [431]),
      http2: { as: "or by the end of its stream", play: tooMuch(fill(200)) },
    },
    {
      name: "a head of hundreds of headers loses none, not even the last",
      http1: async (front) => {
        const place = await front.start(async (peer) => peer.write(ok(await peer.take(4))));
        const client = await place.harness.connect();
        const many = [...lines(short(250)), `Host: ${place.link.name}`, "Content-Length: 4"];
        client.write(["POST / HTTP/1.1", ...many, "", "body"].join("\r\n"));
        expect((await client.response()).body).toBe("body");
        expect(filled(place.upstream.requests[0]!.headers)).toBe(250);
        client.write(
          ["GET / HTTP/1.1", `Host: ${place.link.name}`, ...lines(short(250)), "Host: x", "", ""].join("\r\n"),
        );
        expect((await client.response()).status).toBe(400);
      },
      http2: async (front) => {
        const place = await front.start();
        expect((await (await place.connect()).ask({ fields: short(240) }).answer()).status).toBe(200);
        expect(filled(place.upstream.requests[0]!.headers)).toBe(240);
      },
    },
    {
      name: "one of more than 256 headers is refused whole, not read in part",
      http1: refuses(
        [254, 256, 300, 5_000].map((count) => get(...lines(short(count)), "Content-Length: 0")),
        [431, closed],
      ),
      http2: { as: "or by the end of its stream", play: each([257, 300, 900], (count) => tooMuch(short(count))) },
    },
  ],
};
