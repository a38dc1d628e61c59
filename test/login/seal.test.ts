import { expect, it } from "vitest";
import { seal, unseal } from "../../src/login/seal.ts";
import { parseVisit, printVisit } from "../../src/login/visit.ts";
import type { SigningKeys } from "../../src/preview/links/token.ts";

const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const keys: SigningKeys = { currentId: 1, secrets: new Map([[1, one]]) };

it("opens what was sealed for the same purpose with a live key, and nothing else", () => {
  const text = seal(keys, "visit", { a: 1 });
  expect(unseal(keys, "visit", text)).toEqual({ a: 1 });
  expect(
    unseal(
      {
        currentId: 2,
        secrets: new Map([
          [2, two],
          [1, one],
        ]),
      },
      "visit",
      text,
    ),
  ).toEqual({ a: 1 });
  expect(unseal(keys, "flow", text)).toBeUndefined();
  expect(unseal({ currentId: 1, secrets: new Map([[1, two]]) }, "visit", text)).toBeUndefined();
  for (const bent of ["", "1..", text.slice(1), `${text}A`, text.replace(".", ".A"), "x".repeat(5000)])
    expect(unseal(keys, "visit", bent)).toBeUndefined();
});

it("takes a visit for its own place and time alone", () => {
  const place = { sandboxId: "local-a", port: 3000 };
  const visit = { by: "member", sessionId: "s", user: "ada", previewId: "p", ...place, expiresAt: 1000 } as const;
  const text = printVisit(keys, visit);
  expect(parseVisit(keys, text, { ...place, now: 999 })).toEqual(visit);
  expect(parseVisit(keys, text, { ...place, now: 1000 })).toBeUndefined();
  expect(parseVisit(keys, text, { ...place, port: 3001, now: 0 })).toBeUndefined();
  expect(parseVisit(keys, text, { ...place, sandboxId: "local-b", now: 0 })).toBeUndefined();
  expect(parseVisit(keys, seal(keys, "visit", { ...visit, by: "x" }), { ...place, now: 0 })).toBeUndefined();
});
