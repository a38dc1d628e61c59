import { expect } from "vitest";
import { connectFrames, flags, frameTypes, headerBlock } from "../support/http2-frames.ts";
import { parseHead } from "../support/raw-client.ts";
import type { Frame, FrameClient } from "../support/http2-frames.ts";
import type { Field, Place } from "./front.ts";
import { untilNone } from "./play.ts";
import type { Play } from "./row.ts";

/** The head of a request of HTTP/1.1 for the preview, with these further lines. */
export const get = (...lines: string[]): string => ["GET / HTTP/1.1", "Host: {host}", ...lines, "", ""].join("\r\n");
export const post = (lines: readonly string[], body: string): string =>
  ["POST / HTTP/1.1", "Host: {host}", ...lines, "", body].join("\r\n");

/** Status of a connection that is closed without a word. */
export const closed = 0;

/** Each of these is answered by the gateway, which closes: neither it nor what follows on its connection reaches the app. */
export function refuses(texts: readonly string[], statuses: readonly number[] = [400, 501]): Play {
  return async (front) => {
    const place = await front.start();
    for (const text of texts) {
      const client = await place.harness.connect();
      client.write(place.fill(text + get()));
      const told = await client.rest();
      const { status, header } = parseHead(told.slice(0, told.indexOf("\r\n\r\n") + 4));
      const outcome = told === "" ? [closed] : [status, header("connection"), header("x-preview-status") !== undefined];
      const wanted = statuses.map((each) => (each === closed ? [closed] : [each, "close", true]));
      expect(wanted, JSON.stringify(text.slice(0, 200))).toContainEqual(outcome);
      // a body that was not read may be refused once more
      expect(told).not.toMatch(/HTTP\/1\.1 [^45]/);
    }
    expect(place.upstream.requests).toEqual([]);
  };
}

/** The app gets the head of each of these at most, and then sees it break off. */
export function breaksOff(texts: readonly string[]): Play {
  return async (front) => {
    const seen: string[] = [];
    const place = await front.start(async (peer) => void seen.push(await peer.rest()));
    for (const text of texts) {
      const client = await place.harness.connect();
      client.write(place.fill(text + get()));
      await client.ended();
      expect(client.waiting(), text).not.toMatch(/^HTTP\/1\.1 2/);
      client.close();
    }
    await untilNone(() => place.upstream.open());
    expect(place.upstream.requests.filter(({ line }) => line.startsWith("GET"))).toEqual([]);
    for (const body of seen) expect(body).not.toMatch(/(?:^|\n)0+\r\n\r\n/);
  };
}

/** A request as it goes into frames: lawful or not. */
export interface Stream {
  readonly fields: readonly Field[];
  readonly body?: string;
  readonly trailers?: readonly Field[];
}

/** Pseudo-headers of a request for the preview, some of them otherwise. */
export const pseudo = (others: Readonly<Record<string, string>> = {}): Field[] =>
  Object.entries({ ":method": "GET", ":scheme": "https", ":authority": "{host}", ":path": "/", ...others });
export const getting = (...fields: Field[]): Stream => ({ fields: [...pseudo(), ...fields] });
export const posting = (body: string, ...fields: Field[]): Stream => ({
  fields: [...pseudo({ ":method": "POST" }), ...fields],
  body,
});

/** Sends a request on a connection of its own, until there is an answer, a reset or the end of the connection. */
export async function sendStream(place: Place, { fields, body, trailers }: Stream): Promise<void> {
  const client = await connectFrames(place.harness.port);
  const block = (sent: readonly Field[]) => headerBlock(sent.map(([name, value]) => [name, place.fill(value)]));
  const last = (isLast: boolean) => (isLast ? flags.endStream : 0);
  const { headers, data } = frameTypes;
  client.send(headers, flags.endHeaders | last(body === undefined && trailers === undefined), 1, block(fields));
  if (body !== undefined) client.send(data, last(trailers === undefined), 1, Buffer.from(body, "latin1"));
  if (trailers !== undefined) client.send(headers, flags.endHeaders | flags.endStream, 1, block(trailers));
  await answered(client);
  client.socket.destroy();
}

async function answered(client: FrameClient): Promise<Frame | undefined> {
  return await client.next(
    ({ type, stream }) => type === frameTypes.goaway || (stream === 1 && type !== frameTypes.data),
  );
}

/** Refused as frames, or answered by the gateway: the app hears nothing of them, and of the next one. */
export function refusesStreams(streams: readonly Stream[]): Play {
  return async (front) => {
    const place = await front.start();
    for (const stream of streams) await sendStream(place, stream);
    await sendStream(place, { fields: pseudo({ ":path": "/last" }) });
    expect(place.upstream.requests.map(({ line }) => line)).toEqual(["GET /last HTTP/1.1"]);
  };
}

/** The app gets each of these, and nothing of the fields that it came with. */
export function leavesOut(streams: readonly Stream[]): Play {
  return async (front) => {
    const place = await front.start();
    for (const stream of streams) await sendStream(place, stream);
    const due = ["host", "x-preview-origin"];
    const seen = place.upstream.requests.map(({ headers }) => headers.map(([name]) => name.toLowerCase()));
    expect(seen).toEqual(streams.map(() => due));
  };
}
