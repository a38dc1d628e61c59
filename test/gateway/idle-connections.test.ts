import { describe, expect, test } from "vitest";
import { createClientAddresses } from "../../src/gateway/client-address.ts";
import { createClientSockets } from "../../src/gateway/http1/client-sockets.ts";
import { bareAnswer } from "./support/bare-answer.ts";
import { startBareListener } from "./support/bare-listener.ts";
import { requestTo, startPreview } from "./support/fixture.ts";
import { connectRaw } from "./support/raw-client.ts";
import { ok } from "./support/scripted-upstream.ts";

const idleMs = 1_000;
/** More than the kernel keeps. */
const answerBytes = 20_000_000;
const request = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;

describe("a connection that is kept after an answer", () => {
  async function open(target: string) {
    const clients = createClientSockets({ addresses: createClientAddresses(), idleMs });
    const { port } = await startBareListener({
      clients,
      handler: {
        onUpgrade: () => {},
        onRequest(client) {
          const item = { cut: () => {}, beLast: () => true, goAway: () => {} };
          if (client.request.url === "/own") clients.addOwn(client.socket, client);
          if (client.request.url === "/hang") clients.add(client.socket, item);
          if (client.request.url === "/slow") client.socket.write(Buffer.alloc(answerBytes));
          if (client.request.url === "/forwarded") {
            clients.add(client.socket, item);
            client.answer(bareAnswer);
            clients.remove(client.socket, item);
          }
          if (client.request.url === "/") client.answer(bareAnswer);
        },
      },
    });
    const client = await connectRaw(port);
    const openedAt = performance.now();
    let endedAt: number | undefined;
    if (target === "/slow") client.socket.pause();
    client.socket.once("end", () => (endedAt = performance.now()));
    client.write(request(target));
    if (target === "/" || target === "/forwarded") await client.response();
    return { client, lasted: () => endedAt && endedAt - openedAt };
  }

  test.each([
    ["of an app", "/forwarded", idleMs],
    ["of our own", "/", 2 * idleMs],
  ])("%s is closed when nothing more comes on it", async (_whose, target, latest) => {
    const { client, lasted } = await open(target);
    await expect.poll(lasted, { timeout: 10_000 }).toBeGreaterThan(idleMs);
    // it is looked for once a second
    expect(lasted()).toBeLessThan(latest + 3_000);
    client.close();
  });

  test.each([
    ["an answer is awaited", "/hang"],
    ["an answer of the login is awaited", "/own"],
  ])("stays open while %s", async (_why, target) => {
    const { client, lasted } = await open(target);
    await new Promise((resolve) => setTimeout(resolve, 4 * idleMs));
    expect(lasted()).toBeUndefined();
    client.close();
  });

  test("stays open until its client has read the end of an answer", async () => {
    const { client } = await open("/slow");
    await new Promise((resolve) => setTimeout(resolve, 4 * idleMs));
    client.socket.resume();
    await expect.poll(() => client.socket.bytesRead, { timeout: 10_000 }).toBe(answerBytes);
    client.close();
  });

  test("stays open while it is used", async () => {
    const { client, lasted } = await open("/");
    for (let round = 0; round < 10; round++) {
      await new Promise((resolve) => setTimeout(resolve, idleMs / 2));
      client.write(request("/"));
      expect((await client.response()).status).toBe(bareAnswer.status);
    }
    expect(lasted()).toBeUndefined();
    client.close();
  });
});

test.each([
  ["at once", 100],
  ["piece by piece", 200_000],
])("a client is told how long its connection is kept when an answer leaves %s", async (_how, size) => {
  const { link, harness } = await startPreview((peer) => peer.write(ok("x".repeat(size))));
  const client = await harness.connect();
  client.write(requestTo(link));
  const answer = await client.response();
  expect([answer.header("connection"), answer.header("keep-alive")]).toEqual(["keep-alive", "timeout=130"]);
});
