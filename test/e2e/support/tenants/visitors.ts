import { rawRequest, rawUpgrade } from "../raw-request.ts";
import type { Answer } from "../plane-process.ts";
import type { Slug, Tenants } from "./tenants.ts";

/** A gated host: where a preview is, or is not. */
export interface Place {
  /** Of the project; absent: nothing is there. */
  readonly slug?: Slug;
  /** Name with port, as browsers send it. */
  readonly host: string;
}

/** What a visitor brings along to a place. */
export interface Baggage {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly upgrade?: boolean;
}

export interface Visitor {
  readonly title: string;
  readonly brings: (place: Place) => Baggage;
  /** Where the app answers; everywhere else nothing is told. */
  readonly sees: readonly Slug[];
}

export function visit({ plane }: Tenants, { host }: Place, { path = "/", headers, upgrade }: Baggage): Promise<Answer> {
  const request = { port: plane.gatewayPort, path, headers: { ...headers, host } };
  return upgrade === true ? rawUpgrade(request) : rawRequest(request);
}

/** Everybody who may come to a gated host, and through which door. */
export async function visitorsOf(tenants: Tenants, keys: readonly string[]): Promise<Visitor[]> {
  const { previews } = tenants;
  const placeOf = (slug: Slug): Place => ({ slug, host: new URL(previews[slug].gated.previewUrl).host });
  const visitors: Visitor[] = [
    { title: "nobody", brings: () => ({}), sees: [] },
    { title: "nobody who asks for a socket", brings: () => ({ upgrade: true }), sees: [] },
    ...keys.map((key, at) => inHeader(`holder of credential ${at} of the API as a token`, key, [])),
    ...keys.map((key, at) => ({
      title: `holder of credential ${at} of the API as a bearer`,
      brings: () => ({ headers: { authorization: `Bearer ${key}` } }),
      sees: [],
    })),
  ];
  for (const slug of ["a1", "b1"] as const) {
    const { token } = previews[slug].gated;
    visitors.push(
      inHeader(`token of ${slug} in a header`, token, [slug]),
      inHeader(`token of ${slug}, altered`, altered(token), []),
      inHeader(`token of the signed link of ${slug}`, previews[slug].signed.token, []),
      { title: `token of ${slug} as a protocol`, brings: () => asProtocol(token), sees: [slug] },
      { title: `altered token of ${slug} as a protocol`, brings: () => asProtocol(altered(token)), sees: [] },
      {
        title: `token of ${slug} as a bearer`,
        brings: () => ({ headers: { authorization: `Bearer ${token}` } }),
        sees: [],
      },
    );
  }
  visitors.push(
    await loggedIn(tenants, { title: "ada of acme", claims: { org: "acme" }, at: placeOf("a1"), sees: ["a1"] }),
    await loggedIn(tenants, { title: "ada of globex", claims: { org: "globex" }, at: placeOf("b1"), sees: ["b1"] }),
    await loggedIn(tenants, {
      title: "ada of a2 alone",
      claims: { org: "acme", projects: ["a2"] },
      at: placeOf("a2"),
      sees: ["a2"],
    }),
  );
  return visitors;
}

function inHeader(title: string, token: string, sees: readonly Slug[]): Visitor {
  return { title, brings: () => ({ headers: { "x-preview-token": token } }), sees };
}

function asProtocol(token: string): Baggage {
  return { upgrade: true, headers: { "sec-websocket-protocol": `chat, dev-preview.${token}` } };
}

export function altered(token: string): string {
  return (token.startsWith("a") ? "b" : "a") + token.slice(1);
}

/** Carries the cookie that one place gave, everywhere. */
async function loggedIn(
  tenants: Tenants,
  { title, claims, at, sees }: { title: string; claims: object; at: Place; sees: readonly Slug[] },
): Promise<Visitor> {
  const browser = createBrowser(tenants, claims);
  const { status } = await browser.open(at);
  if (status !== 200) throw new Error(`${title} was answered ${status} at ${at.host}`);
  const cookie = browser.cookiesOf(at.host);
  return { title: `${title}, with the cookie of ${at.slug}`, brings: () => ({ headers: { cookie } }), sees };
}

/** Follows redirects and keeps cookies by host, as far as the login needs it. */
export function createBrowser({ plane, issuer }: Tenants, claims: object) {
  const jar = new Map<string, Map<string, string>>();
  const cookiesOf = (host: string) => [...(jar.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join("; ");
  const keep = (host: string, lines: readonly string[]) => {
    const cookies = jar.get(host) ?? new Map<string, string>();
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) cookies.set(name, value);
    }
    jar.set(host, cookies);
  };
  const navigating = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  async function get(url: URL): Promise<Answer> {
    if (url.origin === new URL(issuer.url).origin) {
      const { status, headers } = await fetch(url, { redirect: "manual" });
      return { status, headers: { location: headers.get("location") ?? undefined }, body: "" };
    }
    const headers = { ...navigating, host: url.host, cookie: cookiesOf(url.host) };
    const answer = await rawRequest({ port: plane.gatewayPort, path: url.pathname + url.search, headers });
    keep(url.host, answer.headers["set-cookie"] ?? []);
    return answer;
  }
  return {
    cookiesOf,
    /** The last answer on the way, which may lead through the login. */
    async open({ host }: Pick<Place, "host">): Promise<Answer> {
      issuer.person = { sub: "ada", ...claims };
      let url = new URL(`http://${host}/`);
      for (let hops = 0; hops < 10; hops += 1) {
        const answer = await get(url);
        if (answer.headers.location === undefined) return answer;
        url = new URL(answer.headers.location, url);
      }
      throw new Error(`no end of redirects at ${url.href}`);
    },
  };
}
