import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseGatedHost, parseSignedHost, printGatedHost, printSignedHost } from "../../src/preview/links/host-name.ts";

const token = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnop";

describe("signed host name", () => {
  it("parses what it prints, for every port", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65535 }),
        fc.constantFrom("localhost", "preview.example.com"),
        (port, domain) => {
          expect(parseSignedHost(printSignedHost({ port, token }, domain), domain)).toEqual({ port, token });
        },
      ),
    );
  });

  it.each([
    ["upper case", `5173-${token.toUpperCase()}.LOCALHOST`],
    ["a port", `5173-${token}.localhost:4781`],
    ["one trailing dot", `5173-${token}.localhost.`],
  ])("is read with %s", (_, header) => {
    expect(parseSignedHost(header, "localhost")).toEqual({ port: 5173, token });
  });

  it.each([
    ["another domain", `5173-${token}.example.com`],
    ["a domain that only ends alike", `5173-${token}.evillocalhost`],
    ["the bare domain", "localhost"],
    ["no label", ".localhost"],
    ["two labels", `x.5173-${token}.localhost`],
    ["port zero", `0-${token}.localhost`],
    ["a leading zero", `05173-${token}.localhost`],
    ["a port past 65535", `65536-${token}.localhost`],
    ["six digits", `100000-${token}.localhost`],
    ["no token", "5173-.localhost"],
    ["no dash", `5173${token}.localhost`],
    ["a letter outside base32", `5173-${token.slice(0, -1)}1.localhost`],
    ["a label over 63", `65535-${token}aaaaaaaaaa.localhost`],
    ["user info", `a@5173-${token}.localhost`],
    ["a path", `5173-${token}.localhost/x`],
    ["a port that is no number", `5173-${token}.localhost:x`],
    ["two ports", `5173-${token}.localhost:1:2`],
    ["an IPv6 literal", "[::1]:4781"],
    ["two trailing dots", `5173-${token}.localhost..`],
    ["nothing", ""],
  ])("is refused with %s", (_, header) => {
    expect(parseSignedHost(header, "localhost")).toBeUndefined();
  });

  it("never throws, whatever the header holds", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (header) => {
        expect(parseSignedHost(header, "localhost")).toBeUndefined();
      }),
    );
  });

  it("refuses to print a label that no DNS name can hold", () => {
    expect(() => printSignedHost({ port: 65535, token: token + "aaaaaaaaaa" }, "localhost")).toThrow(/64 characters/);
  });
});

describe("gated host name", () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
  const sandboxIds = fc.array(word, { minLength: 2, maxLength: 4 }).map((words) => words.join("-"));

  it("parses what it prints, and is never a signed one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65535 }), sandboxIds, (port, sandboxId) => {
        const name = printGatedHost({ port, sandboxId }, "localhost");
        expect(parseGatedHost(`${name.toUpperCase()}.:80`, "localhost")).toEqual({ port, sandboxId });
        expect(parseSignedHost(name, "localhost")).toBeUndefined();
      }),
    );
  });

  it.each([
    "5173-local.localhost",
    `5173-${token}.localhost`,
    "5173-local-.localhost",
    "5173--local-a.localhost",
    "05173-local-a.localhost",
    "65536-local-a.localhost",
    "a.5173-local-a.localhost",
    "5173-local-a.example.com",
    "5173-local_a-b.localhost",
    `5173-local-${"a".repeat(53)}.localhost`,
    "localhost",
    "",
  ])("is refused: %s", (header) => {
    expect(parseGatedHost(header, "localhost")).toBeUndefined();
  });
});
