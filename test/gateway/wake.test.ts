import { afterEach, describe, expect, test, vi } from "vitest";
import { isKeepAlive } from "../../src/gateway/forward/is-keep-alive.ts";
import { isVisit } from "../../src/gateway/gate/is-visit.ts";
import { createWakeCalls } from "../../src/gateway/traffic/wake-calls.ts";
import { createLogger } from "../../src/logger.ts";
import type { Visit } from "../../src/preview/sleep/visits.ts";
import type { Route } from "../../src/preview/route.ts";
import { closing, requestTo } from "./support/fixture.ts";
import { fakeLogin, mintGatedLink } from "./support/gated.ts";
import { mintLink, startGateway } from "./support/harness.ts";
import type { MintedLink } from "./support/harness.ts";

const logger = createLogger("silent");
const navigation = ["Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"];
const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x"];

afterEach(() => {
  vi.useRealTimers();
});

/** A gateway of one sleeping preview, and the visits that it told of. */
async function startAsleep(link: MintedLink = mintLink(1, { state: "idle" }), route: Partial<Route> = {}) {
  const visits: Visit[] = [];
  const login = link.route.gated === undefined ? {} : { login: fakeLogin() };
  const harness = closing(
    await startGateway([{ ...link.route, ...route }], {
      onAsleep: async (visit) => void visits.push(visit),
      ...login,
    }),
  );
  const ask = async (target: string, ...lines: string[]) => {
    const client = await harness.connect();
    client.write(requestTo(link, target, ...lines));
    const [method] = target.includes(" ") ? target.split(" ") : ["GET"];
    return await client.response(method);
  };
  return { harness, link, visits, ask };
}

describe("a visit to a sleeping preview", () => {
  test("is told of with its link, and answered with a page that comes back by itself", async () => {
    const { ask, link, visits } = await startAsleep();
    const answer = await ask("/", ...navigation);
    expect(answer.status).toBe(503);
    expect(answer.header("x-preview-status")).toBe("waking");
    expect(answer.header("retry-after")).toBe("1");
    expect(answer.header("content-type")).toContain("text/html");
    const { previewId, linkId } = link.route;
    expect(visits).toEqual([{ previewId, linkId }]);
  });

  test("by fetch is told of too, and answered in JSON", async () => {
    const { ask, visits } = await startAsleep();
    const answer = await ask("POST /api", "Sec-Fetch-Dest: empty", "Content-Length: 0");
    expect([answer.status, answer.header("content-type"), answer.header("retry-after")]).toEqual([
      503,
      "application/json",
      "1",
    ]);
    expect(visits).toHaveLength(1);
  });

  test.each([
    ["a WebSocket, as open tabs try again and again", "/", upgrade],
    ["an event stream", "/events", ["Accept: text/event-stream"]],
    ["Vite's question for its server", "/", ["Accept: text/x-vite-ping"]],
    ["a HEAD", "HEAD /", []],
    ["a preflight", "OPTIONS /", ["Origin: https://elsewhere.test"]],
    ["a prefetch", "/", [...navigation, "Sec-Purpose: prefetch;prerender"]],
    ["a prefetch of an old browser", "/", ["X-Moz: prefetch"]],
  ])("is none when it is %s: 503 as before, and nobody is told", async (_, target, lines) => {
    const { ask, visits } = await startAsleep();
    const answer = await ask(target, ...lines);
    expect([answer.status, answer.header("x-preview-status")]).toEqual([503, "idle"]);
    expect(visits).toEqual([]);
  });

  test("by a link that is expired, unknown or another's token is 410 or 404, and nobody is told", async () => {
    const gone = mintLink(1, { state: "idle", expiresAt: Math.floor(Date.now() / 1000) * 1000 - 1000 });
    const { harness, visits } = await startAsleep(gone);
    const revoked = mintLink(1, { state: "idle" });
    const forged = { ...gone, name: gone.name.replace(/-../, "-aa") };
    for (const [link, status] of [
      [gone, 410],
      [revoked, 410],
      [forged, 404],
    ] as const) {
      const client = await harness.connect();
      client.write(requestTo(link, "/", ...navigation));
      expect((await client.response()).status).toBe(status);
    }
    expect(visits).toEqual([]);
  });

  test("where a wake was refused says why, and is told of again", async () => {
    const { ask, visits } = await startAsleep(undefined, {
      problems: ["the limit of 2 live previews of größe is reached"],
    });
    const answer = await ask("/", ...navigation);
    expect(answer.status).toBe(503);
    expect(answer.header("retry-after")).toBe("5");
    expect(answer.body).toContain("The limit of 2 live previews of gr&#246;&#223;e is reached.");
    expect(visits).toHaveLength(1);
  });

  test("behind the login is told of for whoever passes, and for nobody else", async () => {
    const link = mintGatedLink(1, { state: "idle" });
    const { ask, visits } = await startAsleep(link);
    expect((await ask("/", ...navigation)).status).toBe(303);
    expect((await ask("/", "X-Preview-Token: wrong")).status).toBe(401);
    expect(visits).toEqual([]);
    const answer = await ask("/", `X-Preview-Token: ${link.token}`);
    expect([answer.status, answer.header("x-preview-status")]).toEqual([503, "waking"]);
    expect(visits).toHaveLength(1);
  });
});

describe("a crashed preview", () => {
  test("shows what is wrong with it, and is not woken", async () => {
    const { ask, visits } = await startAsleep(undefined, {
      state: "crashed",
      problems: ["the command ended with exit code 1"],
    });
    const answer = await ask("/", ...navigation);
    expect([answer.status, answer.header("retry-after")]).toEqual([502, undefined]);
    expect(answer.body).toContain("The command ended with exit code 1.");
    expect(visits).toEqual([]);
  });
});

describe("of a crowd that comes by one link", () => {
  const visit = { previewId: "p", linkId: "l" };

  test("one is handed on, and the next one only a second after that had its effect", async () => {
    vi.useFakeTimers();
    const told: Visit[] = [];
    let done = (): void => {};
    const calls = createWakeCalls({
      logger,
      onAsleep: (one) => {
        told.push(one);
        return new Promise((resolve) => (done = resolve));
      },
    });
    for (let count = 0; count < 1000; count += 1) calls.call(visit);
    expect(told).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(5_000);
    calls.call(visit);
    expect(told).toHaveLength(1);
    done();
    await vi.advanceTimersByTimeAsync(999);
    calls.call(visit);
    expect(told).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    calls.call(visit);
    expect(told).toHaveLength(2);
    calls.call({ ...visit, linkId: "another" });
    expect(told).toHaveLength(3);
    calls.close();
  });

  test("a failure is not the end of it", async () => {
    vi.useFakeTimers();
    let count = 0;
    const calls = createWakeCalls({
      logger,
      onAsleep: async () => {
        count += 1;
        throw new Error("database away");
      },
    });
    calls.call(visit);
    await vi.advanceTimersByTimeAsync(1_001);
    calls.call(visit);
    expect(count).toBe(2);
    calls.close();
  });
});

describe("what shows that a socket is open, and no more", () => {
  test.each([
    ["a ping of a server", [0x89, 0x00], true],
    ["a pong of a client", [0x8a, 0x80, 1, 2, 3, 4], true],
    ["a ping with a payload", [0x89, 0x02, 1, 2], true],
    ["a text", [0x81, 0x02, 0x68, 0x69], false],
    ["a ping with a text behind it", [0x89, 0x00, 0x81, 0x00], false],
    ["a close", [0x88, 0x00], false],
    ["nothing", [], false],
  ])("%s: %j is %s", (_, bytes, expected) => {
    expect(isKeepAlive(Uint8Array.from(bytes))).toBe(expected);
  });

  test("without headers a request is a visit", () => {
    expect(isVisit({})).toBe(true);
  });
});
