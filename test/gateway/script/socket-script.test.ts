import { createHash } from "node:crypto";
import { createContext, runInContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { printSocketScript, socketScriptHash } from "../../../src/gateway/script/socket-script.ts";

const [, tag = "", text = ""] = /^(<script data-port="5173">)(.*)<\/script>$/s.exec(printSocketScript(5173)) ?? [];

/** What a browser has that the script uses; sockets only remember what they were made with. */
function openPage(address: string) {
  class WebSocket {
    static readonly OPEN = 1;
    readonly args: unknown[];
    constructor(...args: unknown[]) {
      if (args.length === 0) throw new TypeError("1 argument required");
      this.args = args;
    }
  }
  let removed = 0;
  const currentScript = { dataset: { port: "5173" }, remove: () => removed++ };
  const page = { document: { currentScript }, location: new URL(address), WebSocket, URL, native: WebSocket };
  const context = createContext(Object.assign(page, { window: page }));
  const run = (code: string): unknown => runInContext(code, context);
  run(text);
  return {
    run,
    removed: () => removed,
    dials: (url: string) => String(run(`new WebSocket(${JSON.stringify(url)}).args[0]`)),
  };
}

const name = "5173-token.preview.test";

describe.each([
  ["http", `http://${name}:8080/a`, `ws://${name}:8080`],
  ["http on its own port", `http://${name}/`, `ws://${name}`],
  ["https", `https://${name}/`, `wss://${name}`],
  ["https on another port", `https://${name}:8443/`, `wss://${name}:8443`],
])("in a page over %s", (_how, address, own) => {
  const page = openPage(address);

  test.each([
    "ws://localhost:5173",
    "ws://LOCALHOST:5173",
    "wss://localhost:5173",
    "http://localhost:5173",
    "https://localhost:5173",
    "ws://127.0.0.1:5173",
    "ws://0.0.0.0:5173",
    "ws://[::1]:5173",
    "ws://[::]:5173",
    "ws://localhost",
    "wss://127.0.0.1:443",
    `ws://${name}:5173`,
    `wss://${name}:5173`,
    `ws://${name}`,
    `wss://${name}`,
    `ws://${name}:443`,
    own.replace(/^wss?/, "ws"),
    own.replace(/^wss?/, "wss"),
    own,
  ])("%s leads to the page's origin, path and query kept", (url) => {
    expect(page.dials(`${url}/ws/a%2Fb?token=x&y#z`)).toBe(`${own}/ws/a%2Fb?token=x&y#z`);
    expect(page.dials(url)).toBe(`${own}/`);
  });

  test.each(["ws://localhost:24678", "wss://127.0.0.1:24678", `ws://${name}:24678`])(
    "%s leads to that port through the page's origin",
    (url) => {
      expect(page.dials(`${url}/hmr?token=x`)).toBe(`${own}/.dev-preview/port/24678/hmr?token=x`);
      expect(page.dials(url)).toBe(`${own}/.dev-preview/port/24678/`);
    },
  );

  test.each([
    "wss://realtime.example.com/socket",
    "ws://192.168.0.7:5173/",
    "ws://127.0.0.2:5173/",
    "ws://localhost.example.com:5173/",
    `ws://x.${name}:5173/`,
    "ws://5173-other.preview.test:5173/",
    "/relative",
    "//localhost:5173/relative",
    "ftp://localhost:5173/",
    "not a url",
    "",
  ])("%j is dialled as it is", (url) => {
    expect(page.dials(url)).toBe(url);
  });

  test("what was mapped is not mapped again, and a second run changes nothing", () => {
    const twice = openPage(address);
    twice.run(text);
    for (const url of ["ws://localhost:5173/a", "ws://localhost:24678/a", "wss://a.test/"]) {
      expect(page.dials(page.dials(url))).toBe(page.dials(url));
      expect(twice.dials(url)).toBe(page.dials(url));
    }
  });
});

test("the constructor looks and acts as before", () => {
  const { run } = openPage(`http://${name}/`);
  expect(
    run(`[
      WebSocket.OPEN, WebSocket.name, WebSocket.length === native.length, WebSocket.prototype === native.prototype,
      new WebSocket("ws://a.test") instanceof WebSocket, new native("ws://a.test") instanceof WebSocket,
      new WebSocket("ws://a.test").constructor === WebSocket,
    ]`),
  ).toEqual([1, "WebSocket", true, true, true, true, true]);
  expect(() => run("new WebSocket()")).toThrow("1 argument required");
  expect(() => run(`WebSocket("ws://a.test")`)).toThrow();
});

test("protocols are passed on, URL objects are read and not changed, subclasses are what they were", () => {
  const { run } = openPage(`https://${name}/`);
  expect(run(`new WebSocket("ws://localhost:5173", ["a", "b"]).args`)).toEqual([`wss://${name}/`, ["a", "b"]]);
  expect(run(`const url = new URL("ws://localhost:5173/x"); [new WebSocket(url).args[0], url.href]`)).toEqual([
    `wss://${name}/x`,
    "ws://localhost:5173/x",
  ]);
  expect(
    run(`class Mine extends WebSocket { mine() { return this.args[0]; } }
      const mine = new Mine("ws://localhost:5173");
      [mine.mine(), mine instanceof Mine, mine instanceof WebSocket, mine.constructor === Mine]`),
  ).toEqual([`wss://${name}/`, true, true, true]);
});

test("the element takes itself out, is ASCII, and leaves room for a charset in the first kilobyte", () => {
  expect(openPage(`http://${name}/`).removed()).toBe(1);
  expect(printSocketScript(65535)).toMatch(/^[\x20-\x7e]+$/);
  expect(printSocketScript(65535).length).toBeLessThan(800);
  expect(text).not.toMatch(/<\/script|<!--/i);
  expect(tag).toBe('<script data-port="5173">');
});

test("its hash is that of its text, whatever the port", () => {
  expect(socketScriptHash).toBe(`'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  expect(printSocketScript(1).replace('"1"', '"5173"')).toBe(printSocketScript(5173));
});
