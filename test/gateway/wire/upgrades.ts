import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "vitest";
import { mintLink } from "../support/harness.ts";
import { ok } from "../support/scripted-upstream.ts";
import type { Script, UpstreamPeer } from "../support/scripted-upstream.ts";
import { agree } from "../support/tunnel.ts";
import type { Asking, Front, Opening, Place } from "./front.ts";
import { halted, megabyte, pump } from "./pace.ts";
import { all, each, untilNone } from "./play.ts";
import type { Group, Play } from "./row.ts";

interface Joined {
  readonly place: Place;
  readonly client: Asking;
  readonly app: UpstreamPeer;
}

/** Both ends of a WebSocket; `first` comes with the app's agreement. */
async function join(front: Front, opening: Opening = {}, first = ""): Promise<Joined> {
  let onPeer = (_peer: UpstreamPeer): void => {};
  const app = new Promise<UpstreamPeer>((resolve) => (onPeer = resolve));
  const place = await front.start((peer, request) => {
    agree(peer, request, first);
    onPeer(peer);
    // what follows is the row's to read
    return new Promise(() => {});
  });
  const client = (await place.connect()).open(opening);
  expect((await client.head()).status).toBe(front.name === "HTTP/2" ? 200 : 101);
  return { place, client, app: await app };
}

const nothingOpen = async ({ upstream, harness }: Place): Promise<void> => {
  await untilNone(() => upstream.open() + harness.gateway.readTraffic().upstreams);
};

/** The app's answer to the handshake, and what of it the client gets; over HTTP/1.1 its connection is spent. */
function answered(text: string, [status, body]: readonly [number, string], { ends = false } = {}): Play {
  return async (front) => {
    const place = await front.start((peer) => (ends ? peer.end(text) : peer.write(text)));
    const line = await place.connect();
    const startedAt = performance.now();
    const got = await line.open().answer();
    // nobody waits for a client that has nothing to say any more
    if (body.length < 1_000) expect(performance.now() - startedAt).toBeLessThan(1_900);
    expect([got.status, got.body === body, got.whole]).toEqual([status, true, true]);
    if (front.name === "HTTP/1.1") {
      expect(got.header("connection")).toBe("close");
      await line.ended();
    } else expect((await line.open().answer()).status).toBe(status);
    line.leave();
    await nothingOpen(place);
  };
}

const refusal = "HTTP/1.1 403 Forbidden\r\n";

const endings: readonly (readonly [string, (joined: Joined) => Promise<void> | void])[] = [
  ["the client resets", ({ client }) => client.leave()],
  ["the app resets", ({ app }) => void app.socket.resetAndDestroy()],
];

/** Leaves within a handshake that got so far. */
const leaves =
  (app: Script, heard = ""): Play =>
  async (front) => {
    const place = await front.start(app);
    const asking = (await place.connect()).open();
    await expect.poll(() => place.upstream.requests.length, { interval: 5 }).toBe(1);
    if (heard !== "") expect(await asking.take(heard.length)).toBe(heard);
    asking.leave();
    await nothingOpen(place);
  };

export const upgrades: Group = {
  title: "WebSockets",
  rows: [
    {
      name: "the app is asked by a clean head, and its agreement reaches the client",
      both: async (front) => {
        const fields = [
          ["Origin", "{origin}"],
          ["X-Forwarded-For", "6.6.6.6"],
          ["Sec-WebSocket-Protocol", "vite-hmr"],
          ["Sec-WebSocket-Extensions", "permessage-deflate"],
        ] as const;
        const place = await front.start((peer, request) =>
          agree(peer, request, "", "Sec-WebSocket-Protocol: vite-hmr", "Sec-WebSocket-Extensions: permessage-deflate"),
        );
        const head = await (await place.connect()).open({ path: "/hmr?token=1", fields }).head();
        for (const [name, value] of fields.slice(2)) expect(head.header(name)).toBe(value);
        const ours = front.name === "HTTP/2" ? [200, undefined, undefined] : [101, "Upgrade", "websocket"];
        expect([head.status, head.header("connection"), head.header("upgrade")]).toEqual(ours);
        const [asked] = place.upstream.requests;
        expect(asked!.line).toBe("GET /hmr?token=1 HTTP/1.1");
        expect([asked!.headerAll("connection"), asked!.headerAll("upgrade")]).toEqual([["Upgrade"], ["websocket"]]);
        expect(asked!.header("origin")).toBe(`http://localhost:${place.upstream.port}`);
        expect(asked!.headerAll("sec-websocket-version")).toEqual(["13"]);
        expect(Buffer.from(asked!.header("sec-websocket-key")!, "base64")).toHaveLength(16);
        expect(asked!.header("x-forwarded-for")).toBeUndefined();
        for (const [name, value] of fields.slice(2)) expect(asked!.header(name)).toBe(value);
      },
    },
    {
      name: "an Origin that is not the preview's stays, for the app to refuse",
      both: async (front) => {
        const { place } = await join(front, { fields: [["Origin", "https://evil.test"]] });
        expect(place.upstream.requests[0]!.header("origin")).toBe("https://evil.test");
      },
    },
    {
      name: "what the client says along with its request reaches the app behind its agreement",
      both: async (front) => {
        const { app } = await join(front, { early: "client first" });
        expect(await app.take(12)).toBe("client first");
      },
    },
    {
      name: "what the app says along with its agreement reaches the client",
      both: async (front) => {
        const { client } = await join(front, {}, "app first");
        expect(await client.take(9)).toBe("app first");
      },
    },
    {
      name: "what the client says before the app agrees is kept for it, however much",
      both: async (front) => {
        let goOn = () => {};
        const agreed = new Promise<void>((resolve) => (goOn = resolve));
        const place = await front.start(async (peer, request) => {
          await agreed;
          agree(peer, request);
          peer.write((await peer.take(300_006)).slice(0, 6));
        });
        const client = (await place.connect()).open({ early: "one " });
        await expect.poll(() => place.upstream.requests.length).toBe(1);
        client.write(`two${"x".repeat(300_000)}`);
        await nextTurn();
        goOn();
        expect(await client.take(6)).toBe("one tw");
      },
    },
    {
      name: "bytes of every kind pass as they are, both ways, megabytes of them",
      both: async (front) => {
        const { client, app } = await join(front);
        const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 7 + (at >> 8)) & 255));
        const text = bytes.toString("latin1");
        client.write(text);
        app.write(text);
        expect((await app.take(text.length)) === text).toBe(true);
        expect((await client.take(text.length)) === text).toBe(true);
      },
    },
    {
      name: "the app is not read while the client does not read",
      both: async (front) => {
        const { client, app } = await join(front);
        const total = 32 * megabyte;
        client.duplex.pause();
        const sent = pump(
          total,
          (bytes) => app.socket.write(bytes),
          () => once(app.socket, "drain"),
        );
        await halted(sent);
        const stood = sent();
        expect(stood).toBeLessThan(total);
        client.duplex.resume();
        await expect.poll(sent).toBeGreaterThan(stood);
      },
    },
    {
      name: "the client is not read while the app does not read",
      both: async (front) => {
        const { client, app } = await join(front);
        const total = 32 * megabyte;
        app.socket.pause();
        const sent = pump(
          total,
          (bytes) => client.duplex.write(bytes),
          () => once(client.duplex, "drain"),
        );
        await halted(sent);
        const stood = sent();
        expect(stood).toBeLessThan(total);
        app.socket.resume();
        await expect.poll(sent).toBeGreaterThan(stood);
      },
    },
    {
      name: "the client ends its side: the app hears its last words, and the client the app's",
      both: async (front) => {
        const { place, client, app } = await join(front);
        client.write("last");
        client.end();
        expect(await app.rest()).toBe("last");
        app.end("words");
        expect((await client.answer()).body).toBe("words");
        await nothingOpen(place);
      },
    },
    {
      name: "the app ends its side: the client hears its last words, and then the end",
      both: async (front) => {
        const { place, client, app } = await join(front);
        const ended = once(client.duplex, "end");
        app.end("bye");
        await ended;
        expect(await client.take(3)).toBe("bye");
        client.end();
        await nothingOpen(place);
      },
    },
    ...endings.map(([what, end]) => ({
      name: `${what}: both sides end`,
      both: async (front: Front) => {
        const joined = await join(front, {}, "bye");
        await joined.client.take(3);
        const { duplex } = joined.client;
        const gone = new Promise((resolve) => void duplex.once("end", resolve).once("close", resolve));
        await end(joined);
        await gone;
        await nothingOpen(joined.place);
      },
    })),
    {
      name: "a refusal by 403 passes with its body, with a length, in chunks, up to its close",
      both: all(
        answered(`${refusal}Content-Length: 6\r\n\r\ndenied`, [403, "denied"]),
        answered(`${refusal}Transfer-Encoding: chunked\r\n\r\n6\r\ndenied\r\n0\r\n\r\n`, [403, "denied"]),
        answered(`${refusal}\r\ndenied`, [403, "denied"], { ends: true }),
      ),
    },
    {
      name: "a refusal of 5 MB passes whole",
      both: answered(`${refusal}Content-Length: 5000000\r\n\r\n${"x".repeat(5_000_000)}`, [403, "x".repeat(5_000_000)]),
    },
    {
      name: "an answer as if nothing had been asked passes: 200, 204, 426",
      both: all(
        answered(ok("page"), [200, "page"]),
        answered("HTTP/1.1 204 No Content\r\n\r\n", [204, ""]),
        answered("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n", [426, ""]),
      ),
    },
    {
      name: "a refusal in chunks reaches a client of HTTP/1.0 without them",
      http1: async (front) => {
        const place = await front.start((peer) =>
          peer.write(`${refusal}Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n6\r\ndenied\r\n0\r\n\r\n`),
        );
        const client = await place.harness.connect();
        client.write(
          place.fill(
            "GET / HTTP/1.0\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
          ),
        );
        const { status, body, header } = await client.response();
        expect([status, body, header("trailer")]).toEqual([403, "denied", undefined]);
      },
      http2: { none: "it has one version" },
    },
    {
      name: "words that are no HTTP, a close or a reset instead of an answer are a 502",
      both: each(
        [
          (peer: UpstreamPeer) => peer.end("Unauthorized"),
          (peer: UpstreamPeer) => peer.end("HTTP/1.1 40"),
          (peer: UpstreamPeer) => peer.write("nonsense\r\n\r\n"),
          (peer: UpstreamPeer) => peer.end(),
          (peer: UpstreamPeer) => void peer.socket.resetAndDestroy(),
        ],
        (refuse) => async (front) => {
          const place = await front.start((peer) => refuse(peer));
          const { status, header, whole } = await (await place.connect()).open().answer();
          expect([status, header("x-preview-status"), whole]).toEqual([502, "unreachable", true]);
        },
      ),
    },
    {
      name: "an app that is not there is a 502",
      both: async (front) => {
        const place = await front.start();
        await place.upstream.close();
        expect((await (await place.connect()).open().answer()).status).toBe(502);
      },
    },
    {
      name: "an app that did not understand the key is the client's to judge",
      http1: async (front) => {
        const place = await front.start((peer) =>
          peer.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
          ),
        );
        const head = await (await place.connect()).open().head();
        // the key is the client's, and so is the judgement
        expect([head.status, head.header("sec-websocket-accept")]).toEqual([101, "x"]);
      },
      http2: {
        as: "it is a 502: the key is the gateway's",
        play: each(["Sec-WebSocket-Accept: bm90IG91cnM=\r\n", ""], (line) => async (front) => {
          const place = await front.start((peer) =>
            peer.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${line}\r\n`),
          );
          expect((await (await place.connect()).open().answer()).status).toBe(502);
        }),
      },
    },
    {
      name: "a dead link is answered 410, a name that is nobody's 404, and the app hears nothing",
      both: async (front) => {
        const place = await front.start();
        for (const [host, status] of [
          [mintLink(place.upstream.port).name, 410],
          ["x.preview.test", 404],
        ] as const)
          expect((await (await place.connect()).open({ host }).answer()).status).toBe(status);
        expect(place.upstream.connections()).toBe(0);
      },
    },
    {
      name: "a handshake with a body is refused",
      http1: each(["Content-Length: 5", "Transfer-Encoding: chunked"], (line) => async (front) => {
        const place = await front.start();
        const client = await place.harness.connect();
        const asking = ["Connection: Upgrade", "Upgrade: websocket", line, "", "5\r\nhello\r\n0\r\n\r\n"];
        client.write(place.fill(["GET / HTTP/1.1", "Host: {host}", ...asking].join("\r\n")));
        expect((await client.head()).status).toBe(400);
        await client.ended();
        expect(place.upstream.connections()).toBe(0);
      }),
      http2: { none: "what follows it is the WebSocket's" },
    },
    {
      name: "another protocol than WebSocket is not offered to the app, which answers as if it had not been asked",
      http1: async (front) => {
        const place = await front.start((peer) => peer.write(ok("plain")));
        const client = await place.harness.connect();
        client.write(
          place.fill(
            "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n\r\n",
          ),
        );
        expect((await client.response()).body).toBe("plain");
        for (const name of ["upgrade", "connection", "http2-settings"])
          expect(place.upstream.requests[0]!.header(name)).toBeUndefined();
      },
      http2: {
        as: "CONNECT to one is answered 501",
        play: async (front) => {
          const place = await front.start();
          const asking = (await place.connect()).open({ fields: [[":protocol", "connect-udp"]] });
          expect((await asking.answer()).status).toBe(501);
          expect(place.upstream.connections()).toBe(0);
        },
      },
    },
    {
      name: "a client that leaves before the app answered, or within a refusal, ends the app's side",
      both: all(
        leaves(() => new Promise(() => {})),
        leaves((peer) => peer.write(`${refusal}Content-Length: 500\r\n\r\npart`), "part"),
        leaves((peer) => peer.write(`${refusal}\r\npart`), "part"),
      ),
    },
  ],
};
