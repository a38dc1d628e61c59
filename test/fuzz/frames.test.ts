import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCrossSite } from "../../src/gateway/gate/cross-site.ts";
import type { ResponseHead } from "../../src/gateway/upstream/parse-response-head.ts";
import { mapResponseHeaders } from "../../src/gateway/forward/response-head.ts";
import { sharingFields } from "../../src/preview/links/sharing-fields.ts";
import { anyText, fuzz, mutated } from "./support/fuzz.ts";

const chat = "https://chat.example.com";
const publicOrigin = "https://3000-local-0123456789.preview.test";
const nearOrigins = fc.oneof(
  anyText,
  mutated(chat, "abc.:/@*;,' 0123[]%\\#?"),
  mutated("http://console.localhost:4780", "abc.:/@*;,' 0123[]%\\#?"),
);

describe("an origin that may frame a preview", () => {
  it("is one source of one directive in a content policy, whatever was asked for", () =>
    fuzz(nearOrigins, (text) => {
      if (!sharingFields.embedOrigins.safeParse([text]).success) return;
      expect(text).toMatch(/^https?:\/\/[a-z0-9.-]+(?::\d+)?$/);
      expect(new URL(text).origin).toBe(text);
    }));
});

describe("the policies of an app whose preview may be framed", () => {
  const directives = fc.constantFrom(
    "default-src 'self'",
    "img-src *",
    "FRAME-ANCESTORS 'none'",
    "frame-ancestors",
    "",
  );
  const policies = fc.array(
    fc.array(directives, { maxLength: 4 }).map((all) => all.join(";")),
    { maxLength: 3 },
  );

  it("keep every directive but frame-ancestors, which is ours alone", () =>
    fuzz(policies, (all) => {
      const head: ResponseHead = headOf(["Content-Security-Policy", all.join(",")]);
      const origins = { hostMode: "local", port: 3000, publicOrigin, embedOrigins: [chat] } as const;
      const mapped = mapResponseHeaders(head, { origins, chunked: false });
      const values = mapped.filter((_, at) => at % 2 === 1 && mapped[at - 1] === "Content-Security-Policy");
      expect(values.at(-1)).toBe(`frame-ancestors 'self' ${chat}`);
      const left = values.slice(0, -1).join(",");
      expect(left).not.toMatch(/frame-ancestors/i);
      for (const kept of ["default-src 'self'", "img-src *"])
        expect(left.split(kept).length).toBe(all.join(",").split(kept).length);
    }));
});

describe("a request with the cookie of a frame", () => {
  it("of another site is refused unless it is for the document, whatever its Referer", () =>
    fuzz(
      fc.record({
        method: fc.constantFrom("GET", "HEAD", "POST", "PUT"),
        upgrade: fc.boolean(),
        dest: fc.constantFrom("iframe", "empty", "script", "frame", "object"),
        referer: fc.option(fc.oneof(anyText, fc.constant(`${chat}/`)), { nil: undefined }),
      }),
      ({ method, upgrade, dest, referer }) => {
        const site = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": dest };
        const request = { method, upgrade, headers: { ...site, ...(referer !== undefined && { referer }) } };
        const known = { publicOrigin, embedOrigins: [chat] };
        if (dest !== "iframe" || upgrade || !["GET", "HEAD"].includes(method))
          expect(isCrossSite(request, known)).toBe(true);
        expect(isCrossSite(request, { publicOrigin, embedOrigins: [] })).toBe(true);
      },
    ));
});

function headOf(headers: readonly string[]): ResponseHead {
  return {
    status: 200,
    reason: "OK",
    headers,
    connection: undefined,
    contentLength: undefined,
    chunked: false,
    upgrade: undefined,
    keepAlive: true,
  };
}
