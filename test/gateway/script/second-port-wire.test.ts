import { expect, test } from "vitest";
import { closing, requestTo, startPreview } from "../support/fixture.ts";
import type { Preview } from "../support/fixture.ts";
import { dialPort } from "../support/harness.ts";
import { ok, startUpstream } from "../support/scripted-upstream.ts";
import type { Script, ScriptedUpstream } from "../support/scripted-upstream.ts";

const switching =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n";
const webSocket = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: eA=="];

/** A preview whose launch has a second port, which `script` serves; other ports are not of the launch. */
async function startBoth(
  script: Script,
  socketScript = true,
): Promise<Preview & { second: ScriptedUpstream; dialled: number[] }> {
  const second = closing(await startUpstream(script));
  const dialled: number[] = [];
  const preview = await startPreview((peer) => peer.write(ok("the page's port")), {
    route: { socketScript },
    gateway: {
      dial: (route, options) => {
        dialled.push(route.port);
        if (route.port !== second.port && route.port !== preview.upstream.port)
          throw new Error("not a port of this launch");
        return dialPort(route.port, options);
      },
    },
  });
  return { ...preview, second, dialled };
}

const target = (port: number) => `/.dev-preview/port/${port}/hmr?token=1`;

test("a WebSocket for another port of the launch is joined to it, and looks like one of a local page", async () => {
  const { link, harness, second, upstream } = await startBoth(async (peer) => {
    peer.write(`${switching}hello`);
    peer.write((await peer.take(3)).toUpperCase());
  });
  const client = await harness.connect();
  const own = `http://${link.name}:${harness.port}`;
  client.write(requestTo(link, target(second.port), ...webSocket, `Origin: ${own}`));
  expect((await client.head()).status).toBe(101);
  await client.until("hello");
  client.write("abc");
  await client.until("ABC");
  const [request] = second.requests;
  expect(request!.line).toBe("GET /hmr?token=1 HTTP/1.1");
  expect(request!.header("host")).toBe(`localhost:${second.port}`);
  expect(request!.header("origin")).toBe(`http://localhost:${upstream.port}`);
});

test("a foreign page is foreign to that port too", async () => {
  const { link, harness, second } = await startBoth((peer) => peer.write(switching));
  const client = await harness.connect();
  client.write(requestTo(link, target(second.port), ...webSocket, "Origin: https://evil.test"));
  await client.head();
  expect(second.requests[0]!.header("origin")).toBe("https://evil.test");
});

test.each([ok("secret"), "HTTP/1.1 403 No\r\nContent-Length: 6\r\n\r\nsecret", "secret\r\n\r\n"])(
  "of that port nothing is shown but a switched protocol: not %j",
  async (answer) => {
    const { link, harness, second } = await startBoth((peer) => peer.write(answer));
    const client = await harness.connect();
    client.write(requestTo(link, target(second.port), ...webSocket));
    const response = await client.response();
    expect([response.status, response.header("x-preview-status"), response.body]).toEqual([502, "unreachable", ""]);
    await client.ended();
    await expect.poll(() => second.open()).toBe(0);
  },
);

test("a port that is not the launch's is unreachable", async () => {
  const { link, harness } = await startBoth((peer) => peer.write(switching));
  const stranger = closing(await startUpstream((peer) => peer.write(switching)));
  const client = await harness.connect();
  client.write(requestTo(link, target(stranger.port), ...webSocket));
  expect((await client.response()).status).toBe(502);
  expect(stranger.connections()).toBe(0);
});

test("the socket ends with the link", async () => {
  const { link, harness, second } = await startBoth((peer) => peer.write(switching));
  const client = await harness.connect();
  client.write(requestTo(link, target(second.port), ...webSocket));
  expect((await client.head()).status).toBe(101);
  harness.feed.change({ previewIds: [link.route.previewId], routes: [] });
  await client.ended();
  await expect.poll(() => second.open()).toBe(0);
});

test.each([
  ["a plain request", true, [] as string[], (port: number) => target(port)],
  ["a request for another protocol", true, ["Connection: Upgrade", "Upgrade: h2c"], (port: number) => target(port)],
  ["a WebSocket of a preview without the script", false, webSocket, (port: number) => target(port)],
  ["a WebSocket to a privileged port", true, webSocket, () => target(80)],
])("%s goes to the page's own port, path and all", async (_what, socketScript, lines, path) => {
  const { link, harness, second, upstream, dialled } = await startBoth((peer) => peer.write(switching), socketScript);
  const client = await harness.connect();
  client.write(requestTo(link, path(second.port), ...lines));
  expect((await client.response()).body).toBe("the page's port");
  expect(upstream.requests[0]!.line).toBe(`GET ${path(second.port)} HTTP/1.1`);
  expect(dialled).toEqual([upstream.port]);
});
