import { expect } from "vitest";
import { mintLink } from "../support/harness.ts";
import { ok } from "../support/scripted-upstream.ts";
import { each, exchange } from "./play.ts";
import type { Group } from "./row.ts";

/** A body that does not end. */
const begun = { body: "x", open: true, length: 1000 } as const;

export const targets: Group = {
  title: "Targets, methods and names",
  rows: [
    {
      name: "a path reaches the app byte for byte: /@fs//c/d%2Fe;x?import&t=1|2&q=[a]&r=%zz",
      both: each(
        ["/@fs//c/d%2Fe;x?import&t=1|2&q=[a]&r=%zz", "/%2e%2e/%00?", "/?url=http://localhost:1/", "//other.test/x"],
        (path) => exchange({ ask: { path }, asked: { line: `GET ${path} HTTP/1.1` } }),
      ),
    },
    {
      name: "dots in a path lead nowhere: they stay as they are",
      both: each(["/a/../b/./c//d", "/a/../../../etc/passwd", "/.."], (path) =>
        exchange({ ask: { path }, asked: { line: `GET ${path} HTTP/1.1` } }),
      ),
    },
    {
      name: "methods beyond the usual ones reach the app",
      both: each(["PROPFIND", "M-SEARCH", "PATCH", "DELETE", "TRACE", "REPORT"], (method) =>
        exchange({ ask: { method, path: "/m" }, asked: { line: `${method} /m HTTP/1.1` } }),
      ),
    },
    {
      name: "a method that no parser knows is refused",
      http1: async (front) => {
        const place = await front.start();
        for (const method of ["FETCH", "get", "G(ET"]) {
          const client = await place.harness.connect();
          client.write(place.fill(`${method} / HTTP/1.1\r\nHost: {host}\r\n\r\n`));
          expect((await client.head()).status).toBe(400);
        }
        expect(place.upstream.requests).toEqual([]);
      },
      http2: {
        as: "it is a word like any other, and passes",
        play: exchange({ ask: { method: "FETCH" }, asked: { line: "FETCH / HTTP/1.1" } }),
      },
    },
    {
      name: "OPTIONS * reaches the app",
      both: exchange({ ask: { method: "OPTIONS", path: "*" }, asked: { line: "OPTIONS * HTTP/1.1" } }),
    },
    {
      name: "a GET may have a body",
      both: exchange({
        ask: { body: "body" },
        app: async (peer) => peer.write(ok(await peer.take(4))),
        answer: { body: "body" },
        asked: { line: "GET / HTTP/1.1", has: [["content-length", "4"]] },
      }),
    },
    {
      name: "a name that is nobody's is answered 404, that of a dead link 410, and the app hears nothing",
      both: async (front) => {
        const place = await front.start();
        const line = await place.connect();
        for (const [host, status] of [
          [`x.preview.test`, 404],
          [mintLink(place.upstream.port).name, 410],
        ] as const)
          for (const request of [
            {},
            { method: "HEAD" },
            { method: "POST", ...begun },
            { method: "HEAD", ...begun },
          ] as const) {
            const line = await place.connect();
            const answer = await line.ask({ ...request, host }).answer();
            expect([answer.status, answer.whole]).toEqual([status, true]);
            expect(answer.body === "").toBe("method" in request && request.method === "HEAD");
          }
        expect(place.upstream.connections()).toBe(0);
        expect((await line.ask().answer()).status).toBe(200);
      },
    },
    {
      name: "a connection may ask for several previews",
      http1: async (front) => {
        const place = await front.start();
        const line = await place.connect();
        const other = mintLink(place.upstream.port);
        place.harness.feed.change({ previewIds: [other.route.previewId], routes: [other.route] });
        expect((await line.ask().answer()).status).toBe(200);
        expect((await line.ask({ host: other.name }).answer()).status).toBe(200);
      },
      http2: {
        as: "as browsers do; a name that the gateway does not serve is answered 421",
        play: async (front) => {
          const place = await front.start();
          const line = await place.connect();
          const other = mintLink(place.upstream.port);
          place.harness.feed.change({ previewIds: [other.route.previewId], routes: [other.route] });
          expect((await line.ask({ host: other.name }).answer()).status).toBe(200);
          expect((await line.ask({ host: "evil.example" }).answer()).status).toBe(421);
        },
      },
    },
  ],
};
