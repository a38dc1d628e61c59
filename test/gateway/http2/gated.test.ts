import { createHash } from "node:crypto";
import type { ClientHttp2Session } from "node:http2";
import { once } from "node:events";
import { beforeEach, describe, expect, test } from "vitest";
import { closing } from "../support/fixture.ts";
import { fakeLogin, mintGatedLink } from "../support/gated.ts";
import { domain, startGateway } from "../support/harness.ts";
import type { Harness, MintedLink } from "../support/harness.ts";
import { answerOf, ask } from "../support/http2-ask.ts";
import type { Http2Answer } from "../support/http2-ask.ts";
import { ok, startUpstream } from "../support/scripted-upstream.ts";
import type { ScriptedUpstream } from "../support/scripted-upstream.ts";
import { connectHttp2, fixedCertificates } from "../support/tls-preview.ts";

const navigation = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

/** `name=value` of the cookies that an answer sets. */
const cookiesOf = ({ headers }: Http2Answer) => (headers["set-cookie"] ?? []).map((cookie) => cookie.split(";")[0]!);

describe("a gated link over HTTP/2", () => {
  let upstream: ScriptedUpstream;
  let link: MintedLink;
  let harness: Harness;
  let session: ClientHttp2Session;
  const origin = () => `https://${link.name}:${harness.port}`;
  const go = (url: URL, cookie = "") =>
    ask(session, {
      ":authority": url.host,
      ":path": url.pathname + url.search,
      ...navigation,
      ...(cookie && { cookie }),
    });

  beforeEach(async () => {
    upstream = closing(
      await startUpstream((peer, { header }) => {
        const key = header("sec-websocket-key");
        if (key === undefined) return peer.write(ok("secret"));
        const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
        peer.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
      }),
    );
    link = mintGatedLink(upstream.port);
    const gateway = { certificates: fixedCertificates(), publicScheme: "https", login: fakeLogin() } as const;
    harness = closing(await startGateway([link.route], gateway));
    session = await connectHttp2({ harness, link });
  });

  test("sends a visitor to the login and lets a member in, with cookies that only this host can have", async () => {
    const sent = await go(new URL(`${origin()}/page`));
    expect(sent.status).toBe(303);
    const [browser = ""] = cookiesOf(sent);
    const login = new URL(sent.headers.location ?? "");
    expect(login.origin).toBe(`https://auth.${domain}:${harness.port}`);
    const atLogin = await go(login);
    const state = new URL(atLogin.headers.location ?? "").searchParams.get("state");
    const back = await go(new URL(`/callback?code=c&state=${state}`, login), cookiesOf(atLogin)[0]);
    const entered = await go(new URL(back.headers.location ?? ""), browser);
    const [visit = ""] = cookiesOf(entered);
    for (const cookie of [browser, visit]) expect(cookie).toMatch(/^__Host-dev-preview-/);
    expect(upstream.requests).toEqual([]);
    const page = await go(new URL(`${origin()}/page`), `${visit}; app=1`);
    expect([page.status, String(page.body)]).toEqual([200, "secret"]);
    expect(upstream.requests[0]!.header("cookie")).toBe("app=1");
  });

  test("lets a machine in by its token, and nobody by another's", async () => {
    const statusOf = async (token: string) => (await ask(session, { "x-preview-token": token })).status;
    expect(await statusOf(link.token)).toBe(200);
    expect(await statusOf(mintGatedLink(upstream.port + 1).token)).toBe(401);
    expect((await ask(session, {})).status).toBe(401);
  });

  test("opens a WebSocket with a token as protocol, and none without", async () => {
    const open = (protocol: string) => {
      const stream = session.request(
        { ":method": "CONNECT", ":protocol": "websocket", ":path": "/", "sec-websocket-protocol": protocol },
        { endStream: false },
      );
      stream.on("error", () => {});
      return stream;
    };
    const stream = open(`dev-preview.${link.token}`);
    const [head] = await once(stream, "response");
    expect([head[":status"], head["sec-websocket-protocol"]]).toEqual([200, `dev-preview.${link.token}`]);
    expect(upstream.requests[0]!.header("sec-websocket-protocol")).toBeUndefined();
    stream.destroy();
    expect((await answerOf(open("vite-hmr"))).status).toBe(401);
  });
});
