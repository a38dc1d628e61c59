import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import type { Client, EventOutput } from "../../src/client/client.ts";

let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let client: Client;
const asked: string[] = [];
beforeEach(async () => {
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  client = createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: "t" });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const event = (id: number, text = "ü"): EventOutput => ({
  id,
  at: "x",
  type: "preview.ready",
  org: "acme",
  data: { text },
});
const printed = (events: readonly EventOutput[]) =>
  `retry: 2000\n\n: nothing\n\n${events.map((one) => `id: ${one.id}\nevent: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join("")}`;

/** As many events as are wanted, from 0 on. */
async function follow(count: number): Promise<EventOutput[]> {
  const stop = new AbortController();
  const got: EventOutput[] = [];
  for await (const one of client.events.follow({ after: 0 }, { signal: stop.signal })) {
    got.push(one);
    if (got.length === count) stop.abort();
  }
  return got;
}

it("reads a stream however it is cut into pieces", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "binary", maxLength: 20 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(400), { maxLength: 6 }),
      async (texts, cuts) => {
        const events = texts.map((text, index) => event(index + 1, text));
        const bytes = Buffer.from(printed(events));
        answer = (_, response) => {
          response.writeHead(200, { "content-type": "text/event-stream" });
          const places = [...new Set([0, ...cuts.map((cut) => cut % bytes.length), bytes.length])].toSorted(
            (a, b) => a - b,
          );
          for (const [index, at] of places.entries())
            response.write(bytes.subarray(at, places[index + 1] ?? bytes.length));
        };
        // JSON carries lone surrogates no further
        expect(await follow(events.length)).toEqual(JSON.parse(Buffer.from(JSON.stringify(events)).toString()));
      },
    ),
    { numRuns: 50 },
  );
});

it("connects again where the connection broke, and continues after the last event", async () => {
  let connections = 0;
  answer = (_, response) => {
    connections += 1;
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (connections === 1)
      response.write(`${printed([event(1), event(2)])}id: 3\nevent: preview.ready\nda`, () => response.destroy());
    else response.write(printed([event(3)]));
  };
  expect((await follow(3)).map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(asked).toEqual(["/v1/events?after=0", "/v1/events?after=2"]);
});

it("throws why the plane ends a stream, and does not come back", async () => {
  const problem = {
    type: "urn:dev-preview:error:unauthenticated",
    title: "Unauthenticated",
    status: 401,
    detail: "the bearer token is no longer good",
    code: "unauthenticated",
    hint: "Connect again.",
    retryable: false,
    requestId: "r",
  };
  answer = (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`${printed([event(1)])}event: error\ndata: ${JSON.stringify(problem)}\n\n`);
  };
  await expect(follow(2)).rejects.toMatchObject({ code: "unauthenticated", hint: "Connect again." });
  expect(asked).toHaveLength(1);
});
