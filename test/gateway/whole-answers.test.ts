import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { requestTo, startPreview } from "./support/fixture.ts";
import { ok } from "./support/scripted-upstream.ts";

const kilobyte = 1024;
const sizes = [1, kilobyte, kilobyte + 1, 20 * kilobyte, 20 * kilobyte + 1, 60_000];
const bytes = (length: number) => randomBytes(length).toString("latin1");
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

describe("an answer that comes at once arrives byte for byte", () => {
  test.each(sizes)("with %i bytes of a known length", async (size) => {
    const body = bytes(size);
    const { link, harness } = await startPreview((peer) => peer.write(ok(body)));
    const client = await harness.connect();
    // twice, to see that nothing of the first is in the second
    for (let round = 0; round < 2; round++) {
      client.write(requestTo(link));
      expect((await client.response()).body === body).toBe(true);
    }
  });

  test.each(sizes)("with %i bytes in chunks, a small one first and last", async (size) => {
    const [first, second, third] = [bytes(10), bytes(size), bytes(7)];
    const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const { link, harness } = await startPreview((peer) =>
      peer.write(`${head}${chunk(first)}${chunk(second)}${chunk(third)}0\r\n\r\n`),
    );
    const client = await harness.connect();
    client.write(requestTo(link));
    expect((await client.response()).body === first + second + third).toBe(true);
  });

  test("with a head that leaves no room for the body in one buffer", async () => {
    const [long, body] = ["v".repeat(5_000), bytes(2_000)];
    const { link, harness } = await startPreview((peer) => peer.write(ok(body, `X-Long: ${long}\r\n`)));
    const client = await harness.connect();
    client.write(requestTo(link));
    const answer = await client.response();
    expect([answer.header("x-long") === long, answer.body === body]).toEqual([true, true]);
  });
});

test("answers to requests that came together keep their order, whatever way they leave", async () => {
  const lengths = [10, 10_000, 20, 40_000, 30, 5_000, 40];
  const { link, harness } = await startPreview((peer, { line }) => {
    const length = Number(/\d+/.exec(line)?.[0]);
    peer.write(ok(String(length).padEnd(length, ".")));
  });
  const client = await harness.connect();
  for (let round = 0; round < 20; round++) {
    client.write(lengths.map((length) => requestTo(link, `/${length}`)).join(""));
    for (const length of lengths) {
      const { body } = await client.response();
      expect([body.length, Number.parseInt(body)]).toEqual([length, length]);
    }
  }
});

test("answers that a client has yet to read are not touched by those of others", async () => {
  const bodyOf = (letter: string) => letter.repeat(18 * kilobyte);
  const { link, harness, upstream } = await startPreview((peer, { line }) =>
    peer.write(ok(bodyOf(line.includes("/slow") ? "s" : "q"))),
  );
  const [slow, quick] = [await harness.connect(), await harness.connect()];
  slow.socket.pause();
  const arrives = async (count: number) => {
    await expect.poll(() => upstream.requests.length, { interval: 1, timeout: 500 }).toBe(count);
  };
  const ask = async (count: number) => {
    slow.write(requestTo(link, "/slow"));
    await arrives(count);
    return true;
  };
  let asked = 0;
  // until all that lies between has no more room
  while (await ask(asked + 1).catch(() => false)) asked++;
  expect(asked).toBeLessThan(2_000);
  for (let round = 0; round < 50; round++) {
    quick.write(requestTo(link, "/quick"));
    expect((await quick.response()).body === bodyOf("q")).toBe(true);
  }
  slow.socket.resume();
  for (let at = 0; at <= asked; at++) expect((await slow.response()).body === bodyOf("s")).toBe(true);
}, 60_000);
