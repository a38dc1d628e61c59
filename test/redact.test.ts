import { describe, expect, it } from "vitest";
import { redact } from "../src/redact.ts";

const token = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnop";

describe("redact", () => {
  it.each([
    ["a signed link", `GET http://20001-${token}.localhost:4781/`, token],
    ["a bearer header", "Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"],
    ["a password in a URL", "postgres://app:hunter22@db:5432/x", "hunter22"],
    ["an assignment", "STRIPE_SECRET_KEY=sk_other_12345", "sk_other_12345"],
    ["a JSON field", '{"api_key": "abcd1234efgh"}', "abcd1234efgh"],
    ["a JWT", "token eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeKKF2Q", "eyJzdWIiOiIx"],
  ])("hides %s", (_, text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain("[redacted]");
  });

  it("hides the values it is given", () => {
    expect(redact("value is correct-horse!", ["correct-horse"])).toBe("value is [redacted]!");
  });

  it.each([
    "VITE v8.3.8  ready in 312 ms",
    "➜  Local:   http://localhost:5173/",
    "GET /tokens 200",
    "compiled 12 modules",
  ])("leaves ordinary output alone: %s", (line) => {
    expect(redact(line)).toBe(line);
  });
});
