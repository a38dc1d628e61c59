import { beforeEach, describe, expect, test } from "vitest";
import { closing } from "./support/fixture.ts";
import { fakeLogin, mintGatedLink } from "./support/gated.ts";
import type { FakeLogin } from "./support/gated.ts";
import { domain, mintLink, startGateway } from "./support/harness.ts";
import type { Harness, MintedLink } from "./support/harness.ts";
import type { RawHead } from "./support/raw-client.ts";
import { ok, startUpstream } from "./support/scripted-upstream.ts";
import type { ScriptedUpstream } from "./support/scripted-upstream.ts";

const chat = "https://chat.example.com";
const frame = ["Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe", "Sec-Fetch-Site: cross-site"];
const inChat = [...frame, `Referer: ${chat}/`];
const authName = `auth.${domain}`;

let upstream: ScriptedUpstream;
let link: MintedLink;
let login: FakeLogin;
let harness: Harness;
beforeEach(async () => {
  upstream = closing(await startUpstream((peer) => peer.write(ok())));
  link = mintGatedLink(upstream.port, { embedOrigins: [chat] });
  login = fakeLogin();
  harness = closing(await startGateway([link.route], { login }));
});

async function ask(
  target: string,
  lines: readonly string[] = [],
  name = link.name,
): Promise<RawHead & { body: string }> {
  const [method, path] = target.includes(" ") ? target.split(" ", 2) : ["GET", target];
  const client = await harness.connect();
  client.write([`${method} ${path} HTTP/1.1`, `Host: ${name}`, ...lines, "", ""].join("\r\n"));
  return await client.response(method);
}

const cookiesOf = (answer: RawHead) => answer.headerAll("set-cookie").map((cookie) => cookie.split(";")[0]!);
const ancestorsOf = (answer: RawHead) =>
  answer.headerAll("content-security-policy").map((policy) => /frame-ancestors [^;]*/.exec(policy)?.[0]);

/** The way of a person in a frame; what the frame is told, and its cookie. */
async function logIn(page: RawHead & { body: string }) {
  const [browser = ""] = cookiesOf(page);
  const popup = new URL(/<button value="([^"]*)"/.exec(page.body)?.[1]?.replaceAll("&amp;", "&") ?? "");
  const atLogin = await ask(popup.pathname + popup.search, [], authName);
  const [flow = ""] = cookiesOf(atLogin);
  const state = new URL(atLogin.header("location") ?? "").searchParams.get("state");
  const back = await ask(`/callback?code=c&state=${state}`, [`Cookie: ${flow}`], authName);
  const [address = "", ticket = ""] = (back.header("location") ?? "").split("#");
  return { browser, address, ticket, back };
}

async function enter(ticket: string, browser: string) {
  return await ask(`/.well-known/dev-preview/enter?ticket=${ticket}`, [...frame, `Cookie: ${browser}`]);
}

async function frameCookie(): Promise<string> {
  const { browser, ticket } = await logIn(await ask("/", inChat));
  return cookiesOf(await enter(ticket, browser))[0] ?? "";
}

describe("a gated preview in a frame of an allowed origin", () => {
  test("offers a login in a window of its own, which nobody else may frame", async () => {
    const page = await ask("/deep?a=1", inChat);
    expect([page.status, page.header("x-preview-status")]).toEqual([401, "login-required"]);
    expect(ancestorsOf(page)).toEqual([`frame-ancestors 'self' ${chat}`]);
    expect(page.header("set-cookie")).toMatch(
      /^dev-preview-frame-browser=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=None; Secure; Partitioned$/,
    );
  });

  test("lets in who logs in there, by a cookie of that frame alone", async () => {
    const { browser, address, ticket } = await logIn(await ask("/deep?a=1", inChat));
    expect(new URL(address).pathname).toBe("/.well-known/dev-preview/hand-over");
    const entered = await enter(ticket, browser);
    expect([entered.status, new URL(entered.header("location") ?? "").pathname]).toEqual([303, "/deep"]);
    expect(entered.header("set-cookie")).toMatch(/^dev-preview-frame-visit=.*SameSite=None; Secure; Partitioned$/);
    const cookie = `Cookie: ${cookiesOf(entered)[0]}; own=1`;
    expect((await ask("/", [...inChat, cookie])).status).toBe(200);
    expect((await ask("/a.js", [cookie, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Dest: script"])).status).toBe(200);
    expect(upstream.requests.map(({ header }) => header("cookie"))).toEqual(["own=1", "own=1"]);
  });

  test("tells the ticket to its own origin alone, by a page that nobody frames", async () => {
    const page = await ask("/.well-known/dev-preview/hand-over", ["Accept: text/html"]);
    expect(page.status).toBe(200);
    expect(page.body).toContain("opener.postMessage(t,location.origin)");
    expect(ancestorsOf(page)).toEqual(["frame-ancestors 'none'"]);
  });

  test("is shown when the page around it hides where it is, and not when that is another", async () => {
    const cookie = `Cookie: ${await frameCookie()}`;
    expect((await ask("/", [...frame, cookie])).status).toBe(200);
    const foreign = await ask("/", [...frame, cookie, "Referer: https://evil.test/"]);
    expect([foreign.status, foreign.header("x-preview-status")]).toEqual([403, "cross-site"]);
  });

  test("does not answer what that page itself asks with the frame's cookie", async () => {
    const cookie = `Cookie: ${await frameCookie()}`;
    const site = ["Sec-Fetch-Site: cross-site", `Referer: ${chat}/`, `Origin: ${chat}`];
    const fetched = [cookie, ...site, "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"];
    for (const target of ["GET /", "POST /"]) expect((await ask(target, fetched)).status).toBe(403);
    expect((await ask("POST /", [...inChat, cookie])).status).toBe(403);
    const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x"];
    expect((await ask("/", [cookie, ...site, ...upgrade])).status).toBe(403);
    expect(upstream.requests).toEqual([]);
  });

  test("offers the login again after a logout", async () => {
    const cookie = `Cookie: ${await frameCookie()}`;
    harness.feed.sessions([]);
    const page = await ask("/", [...frame, `Referer: http://${link.name}:${harness.port}/`, cookie]);
    expect([page.status, page.body.includes("<button")]).toEqual([401, true]);
  });

  test("takes the token of a link as a cookie of the frame", async () => {
    const answer = await ask(`/?preview_token=${link.token}`, inChat);
    expect(answer.header("set-cookie")).toMatch(/^dev-preview-frame-visit=.*Partitioned$/);
    expect((await ask("/", [...inChat, `Cookie: ${cookiesOf(answer)[0]}`])).status).toBe(200);
  });
});

describe("a login that is not the frame's", () => {
  test("is not taken: another browser's, a window's, and one for a frame of a preview that has none", async () => {
    const { ticket } = await logIn(await ask("/", inChat));
    const stranger = `dev-preview-frame-browser=${"x".repeat(43)}`;
    expect((await enter(ticket, stranger)).header("x-preview-status")).toBe("ticket-refused");
    const again = await logIn(await ask("/", inChat));
    const asWindow = again.browser.replace("frame-browser", "browser");
    const top = ["Sec-Fetch-Dest: document", `Cookie: ${again.browser}`];
    expect((await ask(`/.well-known/dev-preview/enter?ticket=${again.ticket}`, top)).status).toBe(403);
    expect((await enter(again.ticket, asWindow)).status).toBe(403);
    const page = await ask("/", inChat);
    const { embedOrigins: _, ...bare } = link.route;
    harness.feed.snapshot([bare]);
    expect((await logIn(page)).back.status).toBe(404);
  });
});

describe("a frame elsewhere", () => {
  test.each([
    ["of an origin that is not allowed", [...frame, "Referer: https://evil.test/"]],
    ["of an origin that hides itself", frame],
  ])("%s gets no login, and is told what it is told of a place without a preview", async (_what, lines) => {
    const here = await ask("/", lines);
    const nowhere = await ask("/", lines, `1-${link.route.sandboxId}.${domain}`);
    expect([here.status, here.body, here.header("set-cookie")]).toEqual([401, nowhere.body, undefined]);
    expect(here.body).not.toContain("<button");
  });
});

describe("what the app says of frames", () => {
  const appHeaders =
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Frame-Options: DENY\r\n" +
    "Content-Security-Policy: default-src 'self'; Frame-Ancestors 'none'; img-src *, frame-ancestors https://old.test\r\n\r\n";

  test("gives way to the preview's origins, and nothing else of its policies does", async () => {
    const app = closing(await startUpstream((peer) => peer.write(appHeaders)));
    const signed = mintLink(app.port, { embedOrigins: [chat, "http://localhost:3000"] });
    harness.feed.snapshot([signed.route]);
    const answer = await ask("/", [], signed.name);
    expect(answer.headerAll("x-frame-options")).toEqual([]);
    expect(answer.headerAll("content-security-policy")).toEqual([
      "default-src 'self'; img-src *",
      `frame-ancestors 'self' ${chat} http://localhost:3000`,
    ]);
  });

  test("stays as it is without them", async () => {
    const app = closing(await startUpstream((peer) => peer.write(appHeaders)));
    const signed = mintLink(app.port);
    harness.feed.snapshot([signed.route]);
    const answer = await ask("/", [], signed.name);
    expect(answer.header("x-frame-options")).toBe("DENY");
    expect(answer.header("content-security-policy")).toContain("Frame-Ancestors 'none'; img-src *, frame-ancestors");
  });
});
