import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printCookie, readCookie, setsOurCookie, withoutOurCookies } from "../../src/login/cookies.ts";
import type { CookieKind } from "../../src/login/cookies.ts";
import { createLoginDoor } from "../../src/login/door.ts";
import { tokenInQuery, tokenProtocol, withoutTokenProtocol } from "../../src/login/machine-token.ts";
import { returnPath } from "../../src/login/return-path.ts";
import { seal, unseal } from "../../src/login/seal.ts";
import { createSessionTable } from "../../src/login/sessions.ts";
import { parseVisit, printVisit } from "../../src/login/visit.ts";
import type { Visit } from "../../src/login/visit.ts";
import { sealWish } from "../../src/login/wish.ts";
import { createLogger } from "../../src/logger.ts";
import { fakeLogin } from "../gateway/support/gated.ts";
import { keys } from "../gateway/support/harness.ts";
import { allBytes, anyJson, anyText, fuzz, letterOf, mutated } from "./support/fuzz.ts";

const place = { sandboxId: "local-0123456789", port: 3000 };
const now = 1_000;
const visits: fc.Arbitrary<Visit> = fc.oneof(
  fc.record({
    by: fc.constant("member" as const),
    sessionId: anyText,
    user: anyText,
    previewId: anyText,
    sandboxId: fc.constant(place.sandboxId),
    port: fc.constant(place.port),
    expiresAt: fc.integer({ min: now + 1 }),
  }),
  fc.record({
    by: fc.constant("token" as const),
    linkId: anyText,
    sandboxId: fc.constant(place.sandboxId),
    port: fc.constant(place.port),
    expiresAt: fc.integer({ min: now + 1 }),
  }),
);
const base64url = "ABCabcxyz0189-_.=+/ ";

describe("the cookie of a gated host", () => {
  it("gives back what it was printed from, here and nowhere else", () =>
    fuzz(
      visits.filter(({ by, ...rest }) => JSON.stringify(rest).length < 2_000 && by.length > 0),
      (visit) => {
        const text = printVisit(keys, visit);
        expect(parseVisit(keys, text, { ...place, now })).toEqual(visit);
        expect(parseVisit(keys, text, { ...place, port: 3001, now })).toBeUndefined();
        expect(parseVisit(keys, text, { ...place, sandboxId: "local-9", now })).toBeUndefined();
        expect(parseVisit(keys, text, { ...place, now: visit.expiresAt })).toBeUndefined();
        expect(unseal(keys, "flow", text)).toBeUndefined();
      },
    ));

  it("that was changed in any way opens nothing", () =>
    fuzz(
      visits.chain((visit) => {
        const text = printVisit(keys, visit);
        return mutated(text, base64url).map((changed) => ({ text, changed }));
      }),
      ({ text, changed }) => {
        if (changed !== text) expect(parseVisit(keys, changed, { ...place, now })).toBeUndefined();
      },
    ));

  it("sealed over anything else, or made of any text, opens nothing and throws nothing", () =>
    fuzz(fc.tuple(anyText, anyJson), ([text, payload]) => {
      expect(parseVisit(keys, text, { ...place, now })).toBeUndefined();
      if (typeof payload === "object" && payload !== null)
        expect(parseVisit(keys, seal(keys, "visit", payload), { ...place, now })).toBeUndefined();
    }));
});

const kinds: readonly CookieKind[] = ["visit", "browser", "frame-visit", "frame-browser", "session", "flow-0123"];
const cookieTexts = fc
  .array(
    fc.oneof(
      anyText,
      fc.constantFrom(
        ";",
        ",",
        "=",
        " ",
        "dev-preview-visit",
        "__Host-dev-preview-visit=x",
        "DEV-PREVIEW-visit=y",
        "a=b",
      ),
      fc.constantFrom(...kinds).map((kind) => `dev-preview-${kind}=v`),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(";"));

describe("a Cookie header", () => {
  it("of any text is read without a throw, and the app sees none of ours", () =>
    fuzz(cookieTexts, (header) => {
      const left = withoutOurCookies(header);
      for (const scheme of ["http", "https"] as const)
        for (const kind of kinds) {
          readCookie(header, kind, scheme);
          expect(readCookie(left, kind, scheme)).toBeUndefined();
        }
    }));

  it("keeps every cookie of the app's", () =>
    fuzz(fc.array(fc.stringMatching(/^[a-c]{1,3}=[a-z0-9"%]{0,5}$/), { minLength: 1, maxLength: 5 }), (cookies) => {
      const header = ["dev-preview-visit=1", ...cookies, "dev-preview-browser=2"].join("; ");
      expect(withoutOurCookies(header)).toBe(cookies.join("; "));
      expect(readCookie(header, "visit", "http")).toBe("1");
    }));

  it("that the app would set in our name is told, however it is written", () =>
    fuzz(fc.constantFrom(...kinds), (kind) => {
      for (const scheme of ["http", "https"] as const) {
        const line = printCookie(kind, "v", { scheme, maxAgeSeconds: 1 });
        for (const written of [line, ` ${line}`, line.toUpperCase()]) expect(setsOurCookie(written)).toBe(true);
      }
    }));
});

describe("a way back after the login", () => {
  const targets = fc.oneof(
    anyText,
    fc
      .array(
        fc.constantFrom("/", "\\", "//", ".", "@", ":", "evil.test", "?", "#", "%2f", "\t", "\n", "javascript:", "a"),
        {
          maxLength: 8,
        },
      )
      .map((parts) => `/${parts.join("")}`),
  );
  it("is a path of the preview's own origin, whatever was asked for", () =>
    fuzz(targets, (target) => {
      const path = returnPath(target);
      for (const url of [
        new URL(`http://3000-local-1.localhost:4781${path}`),
        new URL(path, "http://3000-local-1.localhost:4781/x"),
      ])
        expect(url.origin).toBe("http://3000-local-1.localhost:4781");
    }));
});

describe("a token of a machine", () => {
  const queries = fc
    .array(
      fc.oneof(
        anyText,
        fc.constantFrom("preview_token=x", "preview_token", "preview_token=", "xpreview_token=1", "?", "&", "#"),
      ),
      {
        maxLength: 6,
      },
    )
    .map((parts) => `/p?${parts.join("&")}`);

  it("leaves the address of any target whole", () =>
    fuzz(queries, (target) => {
      const found = tokenInQuery(target);
      if (found === undefined) return;
      expect(tokenInQuery(found.rest)).toBeUndefined();
      expect(found.rest.startsWith("/p")).toBe(true);
    }));

  it("leaves any list of protocols", () =>
    fuzz(
      fc.array(fc.oneof(anyText, fc.constantFrom("chat", "dev-preview.x", " dev-preview.y ", "dev-preview.")), {
        maxLength: 5,
      }),
      (names) => {
        const left = withoutTokenProtocol(names.join(","));
        if (left !== undefined) expect(tokenProtocol(left)).toBeUndefined();
      },
    ));
});

describe("the door of the login", () => {
  const { authHost, ...login } = fakeLogin();
  const clock = { now: () => now };
  const door = createLoginDoor({
    ...login,
    keys,
    clock,
    sessions: createSessionTable(clock, () => undefined),
    address: { scheme: "http", domain: "preview.test", authHost, port: 80 },
    previewAt: () => ({ previewId: "p", gated: { org: "acme", project: "shop", guests: [] }, embeddable: false }),
    logger: createLogger("silent"),
  });
  const paths = fc.constantFrom(
    "",
    "/",
    "//",
    "/login",
    "/callback",
    "/logout",
    "//[",
    "/\\",
    "/%zz",
    "/.well-known/dev-preview/enter",
  );
  const queries = fc.oneof(
    fc.constant(""),
    fc.string({ unit: letterOf(allBytes), maxLength: 40 }).map((text) => `?${text}`),
    fc
      .tuple(anyText, anyText, anyText)
      .map(
        ([to, path, browser]) => `?${new URLSearchParams({ to, path, browser, state: to, ticket: path }).toString()}`,
      ),
    mutated(
      `?wish=${sealWish(keys, { ...place, path: "/x", browserHash: "a".repeat(64), inFrame: false }, now + 1)}`,
      "abc0/&=%?[\\",
    ),
  );
  const requests = fc.record({
    method: fc.constantFrom("GET", "POST", "HEAD", "PUT"),
    target: fc
      .tuple(paths, queries, anyText)
      .map(([path, query, rest]) => `/${path}${query}${rest}`.replace("//", "/")),
    headers: fc.record({ cookie: cookieTexts, origin: anyText }, { requiredKeys: [] }),
  });

  it("answers every request by itself: no text makes it fail", () =>
    fuzz(requests, async (request) => {
      for (const at of [{}, { place }]) {
        const { status, headers = [] } = await door({ ...request, ...at });
        expect([200, 303, 400, 403, 404, 405]).toContain(status);
        for (const [index, text] of headers.entries()) expect(text, String(index)).toMatch(/^[\x20-\x7e]*$/);
      }
    }));
});
