import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answer } from "./support/plane-process.ts";
import { openTenants, orgOf, slugs } from "./support/tenants/tenants.ts";
import type { Slug, Tenants } from "./support/tenants/tenants.ts";
import { altered, createBrowser, visit, visitorsOf } from "./support/tenants/visitors.ts";
import type { Baggage, Place, Visitor } from "./support/tenants/visitors.ts";

let tenants: Tenants;
let visitors: readonly Visitor[];
let places: readonly Place[];
/** Where nothing is: its name has the length of the others. */
let absent: Place;
let credentials: readonly string[];
beforeAll(async () => {
  tenants = await openTenants();
  places = slugs.map((slug) => ({ slug, host: hostOf(slug) }));
  absent = { host: hostOf("a1").replace(/^\d+/, "24999") };
  const { key } = await tenants.clientOf("acme").keys.create({ label: "for the gateway", scopes: ["admin"] });
  credentials = [key, tenants.operatorToken, await tenants.issuer.sign({ org: "acme", scope: "admin" })];
  visitors = await visitorsOf(tenants, credentials);
});
afterAll(() => tenants.close());

const hostOf = (slug: Slug) => new URL(tenants.previews[slug].gated.previewUrl).host;

/** Whose app answered; undefined when none did. */
function appIn({ body }: Answer): string | undefined {
  return slugs.find((slug) => body.includes(`app of ${slug}`) || body.endsWith(slug));
}

function shapeOf({ status, headers, body }: Answer, { host }: Place) {
  const { date: _date, ...told } = headers;
  const browserSecret = /(browser=|wish=)[^;&"]+/g;
  return JSON.stringify({ status, told, body })
    .replaceAll(host, "…")
    .replaceAll(host.split(".")[0]!, "…")
    .replaceAll(browserSecret, "$1…");
}

/** The statements of a visit; of several rounds the fewest, because now and then the plane asks on its own account. */
async function statementsOf(place: Place, baggage: Baggage): Promise<number> {
  const counts: number[] = [];
  for (let round = 0; round < 4; round += 1)
    counts.push((await tenants.statements.during(() => visit(tenants, place, baggage))).length);
  return Math.min(...counts);
}

describe("a gated link", () => {
  it("shows its app to who may see it, and is what is not there to everybody else", async () => {
    const surprises: string[] = [];
    for (const { title, brings, sees } of visitors) {
      const nothing = shapeOf(await visit(tenants, absent, brings(absent)), absent);
      for (const place of places) {
        const answer = await visit(tenants, place, brings(place));
        const may = sees.includes(place.slug!);
        if (appIn(answer) !== (may ? place.slug : undefined))
          surprises.push(`${title} at ${place.slug}: ${answer.status} of ${appIn(answer) ?? "no app"}`);
        if (!may && answer.status !== 401) surprises.push(`${title} at ${place.slug}: ${answer.status}, not 401`);
        if (!may && shapeOf(answer, place) !== nothing)
          surprises.push(`${title} can tell ${place.slug} from nothing: ${shapeOf(answer, place)} ${nothing}`);
      }
    }
    expect(surprises).toEqual([]);
  });

  it("takes a token in the query once, at its own place, and leaves a cookie that is good nowhere else", async () => {
    const { token } = tenants.previews.a1.gated;
    const brings = { path: `/deep?x=1&preview_token=${token}&y=2` };
    for (const place of [...places, absent].filter(({ slug }) => slug !== "a1"))
      expect((await visit(tenants, place, brings)).status, place.slug).toBe(401);
    const own = places.find(({ slug }) => slug === "a1")!;
    const answer = await visit(tenants, own, brings);
    expect([answer.status, answer.headers.location]).toEqual([303, `http://${own.host}/deep?x=1&y=2`]);
    const cookie = answer.headers["set-cookie"]![0]!.split(";")[0]!;
    for (const place of places)
      expect((await visit(tenants, place, { headers: { cookie } })).status, place.slug).toBe(place === own ? 200 : 401);
    expect((await visit(tenants, own, { path: `/?preview_token=${altered(token)}` })).status).toBe(401);
    expect((await visit(tenants, own, { path: `/?preview_token=${token}`, upgrade: true })).status).toBe(401);
  });

  it("lets somebody of two orgs in by the org that the login names, and by no other", async () => {
    for (const org of ["acme", "globex"] as const) {
      for (const place of [...places, absent]) {
        const answer = await createBrowser(tenants, { org }).open(place);
        const may = place.slug !== undefined && orgOf(place.slug) === org;
        expect([place.slug, answer.status, appIn(answer)]).toEqual([
          place.slug,
          may ? 200 : 404,
          may ? place.slug : undefined,
        ]);
      }
    }
    for (const claims of [
      { org: ["acme", "globex"] },
      { org: undefined },
      { org: "" },
      { org: "acme\0globex" },
      { org: "ACME" },
    ]) {
      const answer = await createBrowser(tenants, claims).open(places[0]!);
      expect([claims, appIn(answer)]).toEqual([claims, undefined]);
      expect([403, 404], JSON.stringify(claims)).toContain(answer.status);
    }
  });

  it("tells a logged-in stranger of another's preview what it tells of none", async () => {
    const browser = createBrowser(tenants, { org: "globex" });
    await browser.open(places.find(({ slug }) => slug === "b1")!);
    const own = places[0]!;
    expect(shapeOf(await browser.open(own), own)).toBe(shapeOf(await browser.open(absent), absent));
  });

  it("asks the database nothing, whoever comes", async () => {
    for (const { title, brings } of visitors)
      for (const place of [places[0]!, places[2]!, absent])
        expect([title, await statementsOf(place, brings(place))]).toEqual([title, 0]);
  });

  it("hides from its app what opened it", async () => {
    const { token } = tenants.previews.a1.gated;
    const own = places.find(({ slug }) => slug === "a1")!;
    const seen = await visit(tenants, own, { path: "/seen", headers: { "x-preview-token": token } });
    for (const ours of [
      "x-preview-token",
      "dev-preview-visit",
      "dev-preview-browser",
      "dev-preview.",
      "preview_token",
      token,
    ])
      expect(seen.body).not.toContain(ours);
    expect(seen.body).toContain('"url":"/"');
  });
});

describe("a signed link", () => {
  const nameOf = (port: number, token: string): Place => ({
    host: `${port}-${token}.localhost:${tenants.plane.gatewayPort}`,
  });

  it("is good at its own port alone, whoever asks, and forged ones are like names that were never ours", async () => {
    const unknown: Place = { host: `24999-${"a".repeat(48)}.localhost:${tenants.plane.gatewayPort}` };
    const nothing = shapeOf(await visit(tenants, unknown, {}), unknown);
    const brought = [{}, ...credentials.map((key) => ({ headers: { authorization: `Bearer ${key}` } }))];
    const { previews } = tenants;
    for (const baggage of brought)
      for (const slug of slugs) {
        const { token, port } = previews[slug].signed;
        const answer = await visit(tenants, nameOf(port!, token), baggage);
        expect([slug, answer.status, appIn(answer)]).toEqual([slug, 200, slug]);
        const forged = [
          ...slugs.filter((other) => other !== slug).map((other) => nameOf(previews[other].signed.port!, token)),
          nameOf(port!, altered(token)),
          nameOf(port!, previews[slug].gated.token),
          nameOf(port!, token.split("").toReversed().join("")),
        ];
        for (const place of forged) expect(shapeOf(await visit(tenants, place, baggage), place)).toBe(nothing);
      }
  });

  it("asks the database nothing, genuine or forged", async () => {
    const { token, port } = tenants.previews.a1.signed;
    for (const place of [nameOf(port!, token), nameOf(port!, altered(token))])
      expect(await statementsOf(place, {})).toBe(0);
  });
});
