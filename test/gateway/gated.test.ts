import { beforeEach, describe, expect, test, vi } from "vitest";
import { closing } from "./support/fixture.ts";
import { fakeLogin, mintGatedLink, sandboxId } from "./support/gated.ts";
import type { FakeLogin } from "./support/gated.ts";
import { domain, startGateway } from "./support/harness.ts";
import type { Harness, MintedLink } from "./support/harness.ts";
import type { RawHead } from "./support/raw-client.ts";
import { ok, startUpstream } from "./support/scripted-upstream.ts";
import type { ScriptedUpstream } from "./support/scripted-upstream.ts";

const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x"];
const navigation = ["Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"];

let upstream: ScriptedUpstream;
let link: MintedLink;
let login: FakeLogin;
let harness: Harness;
beforeEach(async () => {
  upstream = closing(
    await startUpstream((peer, { header }) => peer.write(header("upgrade") === undefined ? ok() : `${switching}open`)),
  );
  link = mintGatedLink(upstream.port);
  login = fakeLogin();
  harness = closing(await startGateway([link.route], { login }));
});

const origin = () => `http://${link.name}:${harness.port}`;
const authName = `auth.${domain}`;

async function ask(target: string, lines: readonly string[] = [], name = link.name) {
  const [method, path] = target.includes(" ") ? target.split(" ", 2) : ["GET", target];
  const client = await harness.connect();
  client.write([`${method} ${path} HTTP/1.1`, `Host: ${name}`, ...lines, "", ""].join("\r\n"));
  return await client.response(method);
}

/** `name=value` of the cookies that an answer sets. */
const cookiesOf = (answer: RawHead) => answer.headerAll("set-cookie").map((cookie) => cookie.split(";")[0]!);

/** The whole way of a browser, without the provider's part; each step's answer. */
async function walkIn(path = "/") {
  const sent = await ask(path, navigation);
  const [browser = ""] = cookiesOf(sent);
  const loginUrl = new URL(sent.header("location") ?? "");
  const atLogin = await ask(loginUrl.pathname + loginUrl.search, navigation, authName);
  const [flow = ""] = cookiesOf(atLogin);
  const state = new URL(atLogin.header("location") ?? "").searchParams.get("state");
  const back = await ask(`/callback?code=c&state=${state}`, [...navigation, `Cookie: ${flow}`], authName);
  return { browser, flow, state, back, session: cookiesOf(back).find((cookie) => /session=./.test(cookie)) ?? "" };
}

async function enter(back: RawHead, browser: string) {
  const url = new URL(back.header("location") ?? "");
  return await ask(url.pathname + url.search, [...navigation, `Cookie: ${browser}`], url.hostname);
}

async function visitCookie(): Promise<string> {
  const { back, browser } = await walkIn();
  return cookiesOf(await enter(back, browser))[0] ?? "";
}

describe("a visitor without a pass", () => {
  test("is sent to the login with 303 when a person navigates, to come back to the path", async () => {
    const answer = await ask("/a/b?c=1", navigation);
    expect(answer.status).toBe(303);
    const url = new URL(answer.header("location") ?? "");
    expect(`${url.origin}${url.pathname}`).toBe(`http://${authName}:${harness.port}/login`);
    expect([...url.searchParams.keys()]).toEqual(["wish"]);
  });

  test.each([
    ["a fetch", "/", ["Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"]],
    ["a script", "/a.js", ["Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"]],
    ["an image", "/a.png", ["Sec-Fetch-Dest: image"]],
    ["a frame", "/", ["Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"]],
    ["a form", "POST /", navigation],
    ["a WebSocket", "/", [...upgrade, "Accept: text/html"]],
    ["a program", "/", ["Accept: */*"]],
  ])("gets 401 with the reason for %s", async (_what, target, lines) => {
    const answer = await ask(target, lines);
    expect(answer.status).toBe(401);
    expect(answer.header("x-preview-status")).toBe("login-required");
    expect(answer.headerAll("set-cookie")).toEqual([]);
    expect(answer.body).toContain("for members of its project");
  });

  test("is told the same of a place without a preview", async () => {
    const fields = ["Sec-Fetch-Dest: empty"];
    const [here, nowhere] = [await ask("/", fields), await ask("/", fields, `1-${sandboxId}.${domain}`)];
    expect([nowhere.status, nowhere.body]).toEqual([here.status, here.body]);
    expect(upstream.requests).toEqual([]);
  });
});

describe("the way through the login", () => {
  test("ends at the path, with a cookie that opens the preview and never reaches the app", async () => {
    const { back, browser } = await walkIn("/a?b=1");
    expect(back.header("location")).toMatch(new RegExp(`^${origin()}/.well-known/dev-preview/enter\\?ticket=`));
    const entered = await enter(back, browser);
    expect([entered.status, entered.header("location")]).toEqual([303, `${origin()}/a?b=1`]);
    expect(entered.header("set-cookie")).toMatch(
      /^dev-preview-visit=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
    );
    const [visit] = cookiesOf(entered);
    expect((await ask("/", [`Cookie: a=1; ${visit}; ${browser}; b=2`])).status).toBe(200);
    expect(upstream.requests[0]?.header("cookie")).toBe("a=1; b=2");
  });

  test("takes a ticket once, in the browser that asked for it, within a minute, at its own host", async () => {
    const { back, browser } = await walkIn();
    const stranger = `dev-preview-browser=${"x".repeat(43)}`;
    expect((await enter(back, stranger)).header("x-preview-status")).toBe("ticket-refused");
    // the attempt has not burnt it
    expect((await enter(back, browser)).status).toBe(303);
    const again = await walkIn();
    expect((await enter(again.back, again.browser)).status).toBe(303);
    expect((await enter(again.back, again.browser)).status).toBe(403);
    const { back: third, browser: same } = await walkIn();
    const url = new URL(third.header("location") ?? "");
    const elsewhere = await ask(url.pathname + url.search, [`Cookie: ${same}`], `1-${sandboxId}.${domain}`);
    expect(elsewhere.status).toBe(403);
  });

  test("does not go on in another browser than it was begun in", async () => {
    const { state, flow } = await walkIn();
    expect((await ask(`/callback?code=c&state=${state}`, navigation, authName)).status).toBe(400);
    const other = await ask(`/callback?code=c&state=other`, [`Cookie: ${flow}`], authName);
    expect(other.header("x-preview-status")).toBe("login-refused");
  });

  test("asks the provider once for each login, and the store for no ticket that is made up or another browser's", async () => {
    const [finish, take] = [vi.spyOn(login.oidc, "finish"), vi.spyOn(login.store, "takeTicket")];
    const { back, browser, state, flow } = await walkIn();
    const again = await ask(`/callback?code=c&state=${state}`, [`Cookie: ${flow}`], authName);
    expect([again.status, finish.mock.calls.length]).toEqual([400, 1]);
    const path = "/.well-known/dev-preview/enter?ticket=";
    const { searchParams } = new URL(back.header("location") ?? "");
    const ticket = searchParams.get("ticket") ?? "";
    for (const made of ["a".repeat(43), `${ticket.slice(0, -43)}${"a".repeat(43)}`, ""])
      expect((await ask(path + made, [`Cookie: ${browser}`])).status).toBe(403);
    for (const other of ["", `Cookie: dev-preview-browser=${"x".repeat(43)}`])
      expect((await ask(path + ticket, other === "" ? [] : [other])).status).toBe(403);
    expect(take).not.toHaveBeenCalled();
    expect((await enter(back, browser)).status).toBe(303);
    expect(take).toHaveBeenCalledOnce();
  });

  test("counts what it refuses as wrong links of that address, which are limited, and lets others in", async () => {
    const now = Date.now();
    // a minute that does not end meanwhile
    const clock = { now: () => now };
    harness = closing(await startGateway([link.route], { login, limits: { invalidPerMinute: 2 }, clock }));
    const { back, browser } = await walkIn();
    const guesses = ["/.well-known/dev-preview/enter?ticket=x", "/.well-known/dev-preview/enter"];
    for (const guess of guesses) expect((await ask(guess)).status).toBe(403);
    expect((await ask(guesses[0]!)).status).toBe(429);
    expect((await ask("/callback?state=x", [], authName)).status).toBe(429);
    expect((await enter(back, browser)).status).toBe(303);
  });

  test("is refused when the provider refuses, and leaves no session", async () => {
    login.person = undefined;
    const { back } = await walkIn();
    expect([back.status, login.sessions.size]).toEqual([403, 0]);
    expect(back.body).toContain("refused");
    expect(login.recorded).toMatchObject([{ owner: { org: "acme", project: "shop" }, data: { code: "provider" } }]);
  });

  test.each([
    { org: "globex", user: "eve" },
    { org: "acme", user: "ada", projects: ["blog"] },
  ])("is over for who is no member: %o", async (person) => {
    login.person = person;
    const { back } = await walkIn();
    expect([back.status, back.header("location")]).toEqual([404, undefined]);
    // whose preview it is learns of it, and the name of nobody else's member
    const by = person.org === "acme" ? { user: "ada" } : undefined;
    const owner = { org: "acme", project: "shop" };
    expect(login.recorded).toEqual([{ type: "session.refused", owner, by, data: { code: "not_member" } }]);
  });

  test.each(["//evil.test/", "/\\evil.test/", "https://evil.test/", "/%0d%0aa:b", "evil"])(
    "returns to no other place than the preview: %s",
    async (path) => {
      const { session, browser } = await walkIn();
      const wanted = path.startsWith("/") ? path : "/";
      const hash = new URL((await ask(wanted, [...navigation, `Cookie: ${browser}`])).header("location") ?? "");
      hash.searchParams.set("path", path);
      const back = await ask(`/login${hash.search}`, [`Cookie: ${session}`], authName);
      const entered = await enter(back, browser);
      expect(entered.header("location")).toMatch(new RegExp(`^${origin()}/(?:%0d%0aa:b)?$`));
    },
  );

  test("is begun by the gateway alone: none for another place, path or browser, nor for what it sealed otherwise", async () => {
    const { session, flow } = await walkIn();
    const cookie = `Cookie: ${session}`;
    const begun = new URL((await ask("/", navigation)).header("location") ?? "").searchParams.get("wish") ?? "";
    const [keyId, payload = "", mac] = begun.split(".");
    const bend = (change: object) => {
      const wish: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
      return `${keyId}.${Buffer.from(JSON.stringify(Object.assign({}, wish, change))).toString("base64url")}.${mac}`;
    };
    const changes = [{ browserHash: "0".repeat(64) }, { port: 1 }, { path: "/other" }, { inFrame: true }];
    for (const wish of [...changes.map(bend), flow.split("=")[1] ?? "", ""]) {
      const answer = await ask(`/login?wish=${wish}`, [...navigation, cookie], authName);
      expect([answer.status, answer.header("location")]).toEqual([400, undefined]);
    }
    const old = `/login?to=${link.route.port}-${sandboxId}&path=/&browser=${"0".repeat(64)}&frame=1`;
    expect((await ask(old, [...navigation, cookie], authName)).status).toBe(400);
    expect((await ask(`/login?wish=${begun}`, [...navigation, cookie], authName)).status).toBe(303);
  });
});

describe("the cookie of a visit", () => {
  test.each([
    ["POST /", ["Sec-Fetch-Site: cross-site"]],
    ["POST /", ["Origin: https://evil.test"]],
    ["POST /", ["Origin: null"]],
    ["POST /", [`Origin: http://1-${sandboxId}.${domain}`, "Sec-Fetch-Site: same-site"]],
    ["GET /a.js", ["Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"]],
    ["GET /", ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"]],
    ["GET /", [...upgrade, "Origin: https://evil.test"]],
    ["GET /", upgrade],
  ])("does not let in what another site began: %s %j", async (target, lines) => {
    const answer = await ask(target, [`Cookie: ${await visitCookie()}`, ...lines]);
    expect([answer.status, answer.header("x-preview-status")]).toEqual([403, "cross-site"]);
    expect(upstream.requests).toEqual([]);
  });

  test("lets in what the preview itself began, and a link that is followed", async () => {
    const cookie = `Cookie: ${await visitCookie()}`;
    const post = await ask("POST /", [
      cookie,
      `Origin: ${origin()}`,
      "Sec-Fetch-Site: same-origin",
      "Content-Length: 0",
    ]);
    expect(post.status).toBe(200);
    expect((await ask("/", [cookie, "Sec-Fetch-Site: cross-site", ...navigation])).status).toBe(200);
    const client = await harness.connect();
    client.write(
      ["GET / HTTP/1.1", `Host: ${link.name}`, cookie, `Origin: ${origin()}`, ...upgrade, "", ""].join("\r\n"),
    );
    await client.until("open");
  });

  test("of one preview is nothing at another, nor is one that was altered", async () => {
    const other = mintGatedLink(1, { port: 1 });
    harness.feed.snapshot([link.route, other.route]);
    const visit = await visitCookie();
    expect((await ask("/", [`Cookie: ${visit}`], other.name)).header("x-preview-status")).toBe("login-required");
    const altered = visit.slice(0, -2) + (visit.endsWith("AA") ? "BB" : "AA");
    expect((await ask("/", [`Cookie: ${altered}`])).status).toBe(401);
    expect((await ask("/", [`Cookie: ${visit}; ${altered}`])).status).toBe(401);
  });

  test("ends with its session: what is open is cut, the next request is told so", async () => {
    const { back, browser } = await walkIn();
    const cookie = `Cookie: ${cookiesOf(await enter(back, browser))[0]}`;
    const client = await harness.connect();
    client.write(
      ["GET / HTTP/1.1", `Host: ${link.name}`, cookie, `Origin: ${origin()}`, ...upgrade, "", ""].join("\r\n"),
    );
    await client.until("open");
    harness.feed.sessions([]);
    await client.ended();
    expect((await ask("/", [cookie])).header("x-preview-status")).toBe("session-ended");
    expect((await ask("/", [cookie, ...navigation])).status).toBe(303);
  });

  test("ends with the link that its place is open by: what is open is cut, the next request is told so", async () => {
    const cookie = `Cookie: ${await visitCookie()}`;
    const client = await harness.connect();
    client.write(
      ["GET / HTTP/1.1", `Host: ${link.name}`, cookie, `Origin: ${origin()}`, ...upgrade, "", ""].join("\r\n"),
    );
    await client.until("open");
    harness.feed.snapshot([{ ...link.route, expiresAt: Date.now() + 300 }]);
    await client.ended();
    expect((await ask("/", [cookie])).header("x-preview-status")).toBe("gone");
    expect((await ask("/", [`X-Preview-Token: ${link.token}`])).header("x-preview-status")).toBe("token-refused");
  });

  test("is no use once the place belongs to another org", async () => {
    const cookie = `Cookie: ${await visitCookie()}`;
    harness.feed.snapshot([{ ...link.route, gated: { org: "globex", project: "shop", guests: [] } }]);
    expect((await ask("/", [cookie])).header("x-preview-status")).toBe("login-required");
  });
});

describe("logging out", () => {
  test("ends the session, and only the login's own page can do it", async () => {
    const { session } = await walkIn();
    const [id] = login.sessions.keys();
    const foreign = await ask("POST /logout", [`Cookie: ${session}`, "Origin: https://evil.test"], authName);
    expect([foreign.status, login.ended]).toEqual([403, []]);
    const own = `Origin: http://${authName}:${harness.port}`;
    expect((await ask("POST /logout", [`Cookie: ${session}`, own], authName)).status).toBe(303);
    expect(login.ended).toEqual([id]);
    expect((await ask("/", [`Cookie: ${session}`, ...navigation], authName)).body).toContain("You are logged out");
  });
});

describe("a machine", () => {
  test("passes with the link's token in a header, which the app does not get", async () => {
    expect((await ask("/", [`X-Preview-Token: ${link.token}`])).status).toBe(200);
    expect(upstream.requests[0]?.text.toLowerCase()).not.toContain("x-preview-token");
    const refused = await ask("/", [`X-Preview-Token: ${link.token.slice(0, -1)}a`]);
    expect([refused.status, refused.header("x-preview-status")]).toEqual([401, "token-refused"]);
  });

  test("passes with a parameter, which becomes a cookie and leaves the address", async () => {
    const answer = await ask(`/a?b=1&preview_token=${link.token}&c=%20`);
    expect([answer.status, answer.header("location")]).toEqual([303, `${origin()}/a?b=1&c=%20`]);
    expect((await ask("/a", [`Cookie: ${cookiesOf(answer)[0]}`])).status).toBe(200);
    expect((await ask("/a?preview_token=wrong")).status).toBe(401);
    expect(upstream.requests.map(({ line }) => line)).toEqual(["GET /a HTTP/1.1"]);
  });

  test.each([
    ["dev-preview.TOKEN", undefined, "dev-preview.TOKEN"],
    ["vite-hmr, dev-preview.TOKEN", "vite-hmr", "dev-preview.TOKEN"],
  ])("passes with a protocol of a WebSocket: %s", async (offered, passedOn, agreed) => {
    const named = (text: string) => text.replace("TOKEN", link.token);
    const client = await harness.connect();
    const protocol = `Sec-WebSocket-Protocol: ${named(offered)}`;
    client.write(["GET / HTTP/1.1", `Host: ${link.name}`, ...upgrade, protocol, "", ""].join("\r\n"));
    const head = await client.head();
    expect([head.status, head.header("sec-websocket-protocol")]).toEqual([101, named(agreed)]);
    expect(upstream.requests[0]?.header("sec-websocket-protocol")).toBe(passedOn);
  });

  test("finds no way in with that token as a host name, nor at another place or after the link ended", async () => {
    const asHost = await ask("/", [], `${link.route.port}-${link.token}.${domain}`);
    expect(asHost.status).toBe(404);
    const other = mintGatedLink(1, { port: 1 });
    harness.feed.snapshot([link.route, other.route]);
    expect((await ask("/", [`X-Preview-Token: ${link.token}`], other.name)).status).toBe(401);
    harness.feed.snapshot([]);
    expect((await ask("/", [`X-Preview-Token: ${link.token}`])).status).toBe(401);
  });
});

test("without a login the names of gated links and of the login are unknown", async () => {
  const bare = closing(await startGateway([link.route]));
  for (const name of [link.name, authName]) {
    const client = await bare.connect();
    client.write([`GET / HTTP/1.1`, `Host: ${name}`, `X-Preview-Token: ${link.token}`, "", ""].join("\r\n"));
    expect((await client.response()).status).toBe(404);
  }
});

describe("a guest", () => {
  const guest = { user: "gus" };
  const gated = { org: "acme", project: "shop", guests: ["gus"] };

  test("of no org passes where the preview lists it, and nowhere else", async () => {
    login.person = guest;
    expect((await walkIn()).back.status).toBe(404);
    harness.feed.snapshot([{ ...link.route, gated }]);
    expect((await ask("/", [`Cookie: ${await visitCookie()}`])).status).toBe(200);
  });

  test("that is listed no more is cut off at once, sockets included, and members come back", async () => {
    harness.feed.snapshot([{ ...link.route, gated }]);
    const member = await visitCookie();
    login.person = guest;
    const visitor = await visitCookie();
    const client = await harness.connect();
    const lines = [`Cookie: ${visitor}`, `Origin: ${origin()}`, ...upgrade];
    client.write(["GET / HTTP/1.1", `Host: ${link.name}`, ...lines, "", ""].join("\r\n"));
    await client.until("open");
    harness.feed.snapshot([link.route]);
    await client.ended();
    expect((await ask("/", [`Cookie: ${visitor}`])).header("x-preview-status")).toBe("login-required");
    expect((await ask("/", [`Cookie: ${member}`])).status).toBe(200);
  });
});

describe("a further link of a gated preview", () => {
  const further = () =>
    mintGatedLink(link.route.port, { previewId: link.route.previewId, launchId: link.route.launchId, ...tokenOnly });
  const tokenOnly = { gated: { org: "acme", project: "shop", guests: [], tokenOnly: true } };

  test("passes by its token, and ends by itself: what came in by it is cut, the others go on", async () => {
    const other = further();
    harness.feed.snapshot([link.route, other.route]);
    const open = async (token: string) => {
      const client = await harness.connect();
      const lines = [...upgrade, `Sec-WebSocket-Protocol: dev-preview.${token}`];
      client.write(["GET / HTTP/1.1", `Host: ${link.name}`, ...lines, "", ""].join("\r\n"));
      await client.until("open");
      return client;
    };
    const [own, revoked] = [await open(link.token), await open(other.token)];
    const cookie = cookiesOf(await ask(`/?preview_token=${other.token}`))[0];
    harness.feed.snapshot([link.route]);
    await revoked.ended();
    expect((await ask("/", [`X-Preview-Token: ${other.token}`])).header("x-preview-status")).toBe("token-refused");
    expect((await ask("/", [`Cookie: ${cookie}`])).header("x-preview-status")).toBe("token-refused");
    expect((await ask("/", [`X-Preview-Token: ${link.token}`])).status).toBe(200);
    expect(own.socket.destroyed).toBe(false);
  });

  test("lets no member in once the preview's own link has ended", async () => {
    harness.feed.snapshot([link.route, further().route]);
    const cookie = `Cookie: ${await visitCookie()}`;
    expect((await ask("/", [cookie])).status).toBe(200);
    harness.feed.snapshot([further().route]);
    expect((await ask("/", [cookie])).status).toBe(410);
  });
});

test("a visit to one preview is none to the next that comes to its place", async () => {
  const cookie = `Cookie: ${await visitCookie()}`;
  const next = mintGatedLink(link.route.port);
  harness.feed.snapshot([next.route]);
  expect((await ask("/", [cookie])).header("x-preview-status")).toBe("login-required");
});
