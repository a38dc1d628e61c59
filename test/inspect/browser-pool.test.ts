import { afterEach, describe, expect, it } from "vitest";
import { createBrowserPool } from "../../src/inspect/browser-pool.ts";
import type { BrowserPool, BrowserPoolOptions } from "../../src/inspect/browser-pool.ts";
import { createLogger } from "../../src/logger.ts";
import { until } from "../support/until.ts";
import { createFakeBrowsers, createGate } from "./support/fake-browser.ts";
import type { Behaviour } from "./support/fake-browser.ts";

const page = { owner: "shop", width: 800, height: 600, origin: "http://x", onEvent: () => undefined };
const never = new AbortController().signal;
let pool: BrowserPool;
afterEach(() => pool.close());

function open(behaviour: Behaviour = {}, options: Partial<BrowserPoolOptions> = {}) {
  const browsers = createFakeBrowsers(behaviour);
  pool = createBrowserPool({ launch: browsers.launch, logger: createLogger("silent"), pageCloseMs: 50, ...options });
  return browsers;
}

describe("the browser", () => {
  it("starts with the first page, and serves them all", async () => {
    const browsers = open();
    expect(browsers.launches()).toBe(0);
    for (let index = 0; index < 5; index += 1) await pool.withPage(page, () => Promise.resolve(index), never);
    await Promise.all([1, 2, 3].map((index) => pool.withPage(page, () => Promise.resolve(index), never)));
    expect(browsers.launches()).toBe(1);
    await until("pages are closed", () => browsers.openPages() === 0);
  });

  it("ends when no page was opened for a while, and starts again", async () => {
    const browsers = open({}, { idleMs: 30 });
    await pool.withPage(page, () => Promise.resolve(), never);
    await until("it ended", () => browsers.alive() === 0);
    await pool.withPage(page, () => Promise.resolve(), never);
    expect(browsers.launches()).toBe(2);
  });

  it("stays while a page is open, however long", async () => {
    const browsers = open({}, { idleMs: 20 });
    await pool.withPage(page, () => Promise.resolve(), never);
    const gate = createGate();
    const long = pool.withPage(page, () => gate.passed, never);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(browsers.alive()).toBe(1);
    gate.open();
    await long;
  });

  it("is started anew after it died", async () => {
    const browsers = open();
    await pool.withPage(page, () => Promise.resolve(), never);
    browsers.crash();
    await pool.withPage(page, () => Promise.resolve(), never);
    expect(browsers.launches()).toBe(2);
  });

  it("that does not start is told to each caller, and tried again for the next", async () => {
    const browsers = open({
      launch: (attempt) => (attempt === 1 ? Promise.reject(new Error("no")) : Promise.resolve()),
    });
    await expect(pool.withPage(page, () => Promise.resolve(), never)).rejects.toThrow("no");
    await pool.withPage(page, () => Promise.resolve(), never);
    expect(browsers.launches()).toBe(2);
  });

  it("goes on starting when its caller leaves, for the next one", async () => {
    const gate = createGate();
    const browsers = open({ launch: () => gate.passed });
    await expect(pool.withPage(page, () => Promise.resolve(), AbortSignal.timeout(20))).rejects.toMatchObject({
      name: "TimeoutError",
    });
    const next = pool.withPage(page, () => Promise.resolve("seen"), never);
    gate.open();
    expect(await next).toBe("seen");
    expect(browsers.launches()).toBe(1);
  });
});

describe("browsers", () => {
  const other = { ...page, owner: "blog" };
  const third = { ...page, owner: "docs" };
  const look = (of: typeof page) => pool.withPage(of, () => Promise.resolve(), never);

  it("are shared by pages of one owner alone", async () => {
    const browsers = open();
    for (const of of [page, other, page, other]) await look(of);
    expect(browsers.launches()).toBe(2);
    expect(browsers.alive()).toBe(2);
  });

  it("are as many as pages may be open: the one that was idle for longest gives way", async () => {
    const browsers = open();
    for (const of of [page, other, page, third]) await look(of);
    expect(browsers.alive()).toBe(2);
    await look(page);
    expect(browsers.launches()).toBe(3);
    await look(other);
    expect(browsers.launches()).toBe(4);
    expect(browsers.alive()).toBe(2);
  });

  it("give way only when they are gone, and never with a page", async () => {
    const browsers = open();
    const gate = createGate();
    const long = pool.withPage(page, () => gate.passed, never);
    for (const of of [other, third, other, third]) {
      await look(of);
      expect(browsers.alive()).toBe(2);
    }
    gate.open();
    await long;
    await look(page);
    expect(browsers.launches()).toBe(5);
  });

  it("are not taken from others by a page that does not close", async () => {
    const browsers = open({ close: () => new Promise(() => undefined) });
    const gate = createGate();
    const long = pool.withPage(other, () => gate.passed.then(() => "seen"), never);
    await look(page);
    await until("its browser was ended", () => browsers.closes() === 1);
    expect(browsers.alive()).toBe(1);
    gate.open();
    expect(await long).toBe("seen");
  });
});

describe("pages", () => {
  it("are two at once; others wait their turn, in order", async () => {
    const browsers = open();
    const gates = [createGate(), createGate(), createGate(), createGate()];
    const order: number[] = [];
    const calls = gates.map((gate, index) =>
      pool.withPage(
        page,
        async () => {
          order.push(index);
          await gate.passed;
        },
        never,
      ),
    );
    await until("two are open", () => order.length === 2);
    gates[1]!.open();
    await until("the third is open", () => order.length === 3);
    for (const gate of gates) gate.open();
    await Promise.all(calls);
    expect(order).toEqual([0, 1, 2, 3]);
    expect(browsers.mostPages()).toBe(2);
  });

  it("are not waited for longer than the caller's signal, and its place in the line is free then", async () => {
    open();
    const gate = createGate();
    const busy = [1, 2].map(() => pool.withPage(page, () => gate.passed, never));
    await expect(pool.withPage(page, () => Promise.resolve(), AbortSignal.timeout(20))).rejects.toMatchObject({
      name: "TimeoutError",
    });
    const last = pool.withPage(page, () => Promise.resolve("in"), never);
    gate.open();
    await Promise.all(busy);
    expect(await last).toBe("in");
  });

  it("are closed when the caller is done, fails, or leaves", async () => {
    const browsers = open();
    const cancel = new AbortController();
    await pool.withPage(page, () => Promise.resolve(), never);
    await expect(pool.withPage(page, () => Promise.reject(new Error("looked away")), never)).rejects.toThrow(
      "looked away",
    );
    const left = pool.withPage(page, () => new Promise(() => undefined), cancel.signal);
    await until("it is open", () => browsers.pages.length === 3);
    cancel.abort();
    await expect(left).rejects.toMatchObject({ name: "AbortError" });
    await until("all are closed", () => browsers.openPages() === 0);
    expect(browsers.launches()).toBe(1);
  });

  it("that open only after their caller left are closed all the same", async () => {
    const gate = createGate();
    const browsers = open({ openPage: () => gate.passed }, { pageCloseMs: 5000 });
    await expect(pool.withPage(page, () => Promise.resolve(), AbortSignal.timeout(20))).rejects.toMatchObject({
      name: "TimeoutError",
    });
    gate.open();
    await until("it was opened and closed", () => browsers.pages.length === 1 && browsers.openPages() === 0);
  });

  it("that do not close take their browser with them", async () => {
    let hang = true;
    const browsers = open({ close: () => (hang ? new Promise<void>(() => undefined) : Promise.resolve()) });
    await pool.withPage(page, () => Promise.resolve(), never);
    await until("the browser is gone", () => browsers.alive() === 0);
    hang = false;
    await pool.withPage(page, () => Promise.resolve(), never);
    expect(browsers.launches()).toBe(2);
  });

  it("are opened in the next browser when the one that they came to just ended", async () => {
    const browsers = open({
      openPage: () => {
        if (browsers.launches() > 1) return Promise.resolve();
        browsers.crash();
        return Promise.resolve().then(() => Promise.reject(new Error("it ended")));
      },
    });
    expect(await pool.withPage(page, () => Promise.resolve("seen"), never)).toBe("seen");
    expect(browsers.launches()).toBe(2);
  });
});

describe("a pool that closes", () => {
  it("ends what is under way and the browser, and takes nothing more", async () => {
    const browsers = open();
    const under = pool.withPage(page, () => new Promise(() => undefined), never);
    const waiting = [1, 2].map(() => pool.withPage(page, () => new Promise(() => undefined), never));
    const refused = Promise.all(
      [under, ...waiting].map((call) => expect(call).rejects.toMatchObject({ code: "browser_failed" })),
    );
    await until("pages are open", () => browsers.openPages() === 2);
    await pool.close();
    await refused;
    expect(browsers.alive()).toBe(0);
    expect(browsers.openPages()).toBe(0);
    await expect(pool.withPage(page, () => Promise.resolve(), never)).rejects.toMatchObject({ code: "browser_failed" });
    await pool.close();
    expect(browsers.launches()).toBe(1);
  });

  it("ends a browser that is just starting", async () => {
    const gate = createGate();
    const browsers = open({ launch: () => gate.passed });
    const call = expect(pool.withPage(page, () => Promise.resolve(), never)).rejects.toMatchObject({
      code: "browser_failed",
    });
    await until("it starts", () => browsers.launches() === 1);
    const closed = pool.close();
    gate.open();
    await closed;
    await call;
    expect(browsers.alive()).toBe(0);
  });

  it("starts none when nothing was looked at", async () => {
    const browsers = open();
    await pool.close();
    expect(browsers.launches()).toBe(0);
  });
});
