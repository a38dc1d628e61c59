import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noChromium, openChromium } from "../e2e/support/chromium.ts";
import type { Browser } from "../e2e/support/chromium.ts";
import type { SampleEdit } from "./sample.ts";
import { followEdit } from "./support/follow-edit.ts";
import { openSamplePage } from "./support/sample-page.ts";

type Follows = SampleEdit["follows"];

/** What a page does with a change, and what its server does with one. */
const scripts: Readonly<Record<Follows, string>> = {
  hot: "h1.textContent = data",
  forgets: "h1.textContent = data; counter.textContent = 0",
  reload: "location.reload()",
  manual: "",
  restart: "",
};

describe.skipIf(noChromium !== undefined)(`how a page follows an edit ${noChromium ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  const claim = async (follows: Follows, does: keyof typeof scripts) => {
    const server = await openServer(does);
    const page = await browser.newPage();
    try {
      const sample = { page: { text: "before", selector: "h1", counter: "#counter" } };
      const view = openSamplePage(page, sample, 4000);
      await view.goto(server.url);
      await view.sees("before");
      await view.count();
      const edit = { file: "", from: "before", to: "after", follows };
      await followEdit(view, {
        edit,
        text: "before",
        change: () => server.change(),
        restart: server.restart,
        staysMs: 1000,
      });
    } finally {
      await page.close();
      await server.close();
    }
  };

  it.each(["hot", "forgets", "reload", "manual", "restart"] as const)(
    "is true to the claim %s where it does that",
    (follows) => claim(follows, follows),
  );

  it.each([
    ["hot", "reload", "the page was loaded again"],
    ["hot", "forgets", "the counter lost its count"],
    ["forgets", "hot", "the counter kept its count"],
    ["hot", "manual", 'the page does not show "after"'],
    ["reload", "hot", "the page was loaded again"],
    ["manual", "hot", "the page followed by itself"],
    ["manual", "restart", "a visit shows after"],
    ["restart", "manual", "a visit showed the edit without a new start"],
  ] as const)("is untrue to the claim %s where it does %s", async (follows, does, message) => {
    await expect(claim(follows, does)).rejects.toThrow(message);
  });
});

async function openServer(does: keyof typeof scripts) {
  let [text, served] = ["before", "before"];
  const listeners = new Set<(data: string) => void>();
  const server = createServer(({ url }, response) => {
    if (url !== "/changes") return void response.setHeader("content-type", "text/html").end(documentOf(served, does));
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    listeners.add((data) => void response.write(`data: ${data}\n\n`));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const restart = async () => {
    served = text;
    return url;
  };
  return {
    url,
    restart,
    async change() {
      text = "after";
      if (does !== "restart") served = text;
      for (const tell of listeners) tell(text);
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function documentOf(text: string, does: keyof typeof scripts): string {
  return `<!doctype html><title>Follows</title><h1>${text}</h1><button id="counter">0</button>
<script type="module">
  const [h1, counter] = [document.querySelector("h1"), document.querySelector("#counter")];
  counter.onclick = () => { counter.textContent = Number(counter.textContent) + 1; };
  new EventSource("/changes").onmessage = ({ data }) => { ${scripts[does]} };
</script>`;
}
