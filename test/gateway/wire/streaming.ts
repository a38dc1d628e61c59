import { once } from "node:events";
import { expect } from "vitest";
import { ok } from "../support/scripted-upstream.ts";
import type { Asking } from "./front.ts";
import { untilNone } from "./play.ts";
import { halted, megabyte, pump } from "./pace.ts";
import type { Group } from "./row.ts";

const eventsHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const chunkOf = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Bytes of an answer as they come, its framing included. */
function countBytes({ duplex }: Asking): () => number {
  let bytes = 0;
  duplex.on("data", (chunk: Buffer) => (bytes += chunk.length));
  return () => bytes;
}

export const streaming: Group = {
  title: "Streaming",
  rows: [
    {
      name: "the head of an answer leaves before any byte of its body exists",
      both: async (front) => {
        let finish = () => {};
        const place = await front.start((peer) => {
          peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
          finish = () => peer.write("ok");
        });
        const asking = (await place.connect()).ask();
        expect((await asking.head()).header("content-length")).toBe("2");
        finish();
        expect((await asking.answer()).body).toBe("ok");
      },
    },
    {
      name: "server-sent events arrive one by one, the head before the first",
      both: async (front) => {
        let send = (_event: string) => {};
        const place = await front.start((peer) => {
          peer.write(eventsHead);
          send = (event) => peer.write(chunkOf(event));
        });
        const asking = (await place.connect()).ask({ fields: [["Accept", "text/event-stream"]] });
        expect((await asking.head()).header("content-type")).toBe("text/event-stream");
        for (const event of ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"]) {
          send(event);
          expect(await asking.take(event.length)).toBe(event);
        }
        asking.leave();
        await untilNone(() => place.upstream.open());
      },
    },
    {
      name: "a piece of an answer passes while the next does not exist yet: with a length, and up to a close",
      both: async (front) => {
        for (const length of ["Content-Length: 6\r\n", ""]) {
          let send = (_text: string) => {};
          const place = await front.start((peer) => {
            peer.write(`HTTP/1.1 200 OK\r\n${length}\r\n`);
            send = (text) => peer.write(text);
          });
          const asking = (await place.connect()).ask();
          for (const text of ["abc", "def"]) {
            await asking.head();
            send(text);
            expect(await asking.take(3)).toBe(text);
          }
        }
      },
    },
    {
      name: "a piece of a body reaches the app while the next does not exist yet: with a length, and without",
      both: async (front) => {
        for (const length of [6, "unknown"] as const) {
          const seen: string[] = [];
          const place = await front.start(async (peer) => {
            for (const text of ["abc", "def"]) seen.push((await peer.until(text)).slice(-3));
            peer.write(ok());
          });
          const asking = (await place.connect()).ask({ method: "POST", open: true, length });
          for (const [at, text] of ["abc", "def"].entries()) {
            asking.write(text);
            await expect.poll(() => seen.length).toBe(at + 1);
          }
          asking.end();
          expect((await asking.answer()).status).toBe(200);
        }
      },
    },
    {
      name: "an answer may begin, and go on, while the body still comes",
      both: async (front) => {
        const place = await front.start(async (peer) => {
          peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          for (let round = 0; round < 3; round++) peer.write(chunkOf((await peer.until("!")).slice(-4)));
          await peer.until("0\r\n\r\n");
          peer.write("0\r\n\r\n");
        });
        const asking = (await place.connect()).ask({ method: "POST", open: true });
        for (const text of ["one!", "two!", "six!"]) {
          asking.write(text);
          expect(await asking.take(4)).toBe(text);
        }
        asking.end();
        expect((await asking.answer()).whole).toBe(true);
      },
    },
    {
      name: "the app is not read while the client does not read, and all comes when it does",
      both: async (front) => {
        const total = 32 * megabyte;
        let sent = () => 0;
        const place = await front.start((peer) => {
          peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
          sent = pump(
            total,
            (bytes) => peer.socket.write(bytes),
            () => once(peer.socket, "drain"),
          );
        });
        const asking = (await place.connect()).ask();
        asking.duplex.pause();
        await halted(() => sent());
        expect(sent()).toBeLessThan(total);
        const received = countBytes(asking);
        asking.duplex.resume();
        await expect.poll(received, { timeout: 15_000 }).toBeGreaterThanOrEqual(total);
      },
    },
    {
      name: "a client is not read while the app does not read, and all of a chunked upload comes when it does",
      both: async (front) => {
        const total = 32 * megabyte;
        let start = () => {};
        const started = new Promise<void>((resolve) => (start = resolve));
        const place = await front.start(async (peer) => {
          peer.socket.pause();
          await started;
          peer.socket.resume();
          await expect.poll(() => peer.waiting().length, { timeout: 15_000 }).toBeGreaterThan(total);
          peer.write(ok("all"));
        });
        const asking = (await place.connect()).ask({ method: "POST", open: true });
        const { duplex } = asking;
        const wrap = (bytes: Buffer) =>
          front.name === "HTTP/2" ? bytes : Buffer.from(chunkOf(bytes.toString("latin1")), "latin1");
        const sent = pump(
          total,
          (bytes) => duplex.write(wrap(bytes)),
          () => once(duplex, "drain"),
        );
        await halted(sent);
        expect(sent()).toBeLessThan(total);
        start();
        expect((await asking.answer()).body).toBe("all");
      },
    },
    {
      name: "an answer goes on after a pause with whatever comes next, be it framing alone",
      both: async (front) => {
        const size = 8 * megabyte;
        let goOn = (_more: string) => {};
        const place = await front.start((peer) => {
          peer.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n`);
          peer.write(Buffer.alloc(size));
          goOn = (more) => peer.write(more);
        });
        const asking = (await place.connect()).ask();
        asking.duplex.pause();
        await new Promise((resolve) => setTimeout(resolve, 200));
        const received = countBytes(asking);
        asking.duplex.resume();
        await expect.poll(received, { timeout: 10_000 }).toBeGreaterThanOrEqual(size);
        goOn("\r\n");
        await new Promise((resolve) => setTimeout(resolve, 50));
        goOn("5\r\nhello\r\n0\r\n\r\n");
        const { body } = await asking.answer();
        expect([body.length, body.slice(-5)]).toEqual([size + 5, "hello"]);
      },
    },
  ],
};
