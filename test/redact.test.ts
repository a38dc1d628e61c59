import { describe, expect, it } from "vitest";
import { createRedactor, redact } from "../src/redact.ts";

const token = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnop";

describe("redact", () => {
  it.each([
    ["a signed link", `GET http://20001-${token}.localhost:4781/`, token],
    ["a link's token without its port", `GET /?from=x-${token}.localhost`, token],
    ["a bearer header", "Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"],
    ["a basic header in JSON", '{"authorization":"Basic dXNlcjpw"}', "dXNlcjpw"],
    ["a password in a URL", "postgres://app:hunter22@db:5432/x", "hunter22"],
    ["a password with @ in a URL", "postgres://app:hun@ter22@db:5432/x", "ter22"],
    ["a password without a user in a URL", "redis://:hunter22@cache:6379", "hunter22"],
    ["an assignment", "STRIPE_SECRET_KEY=sk_other_12345", "sk_other_12345"],
    ["a JSON field", '{"api_key": "abcd1234efgh"}', "abcd1234efgh"],
    ["a field as Node prints it", "{ password: 'hunter22', port: 1 }", "hunter22"],
    ["a value with spaces", 'DB_PASSWORD="correct horse battery"', "battery"],
    ["a value with an escaped quote", String.raw`{"password":"hun\"ter22"}`, "ter22"],
    ["a field of JSON in a string", String.raw`"body":"{\"password\":\"hunter 22\"}"`, "hunter 22"],
    ["a value that the end of the line cut", 'DB_PASSWORD="correct horse', "horse"],
    ["a JWT", "token eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeKKF2Q", "eyJzdWIiOiIx"],
  ])("hides %s", (_, text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain("[redacted]");
  });

  it.each([
    { token: "abcdef123456", msg: "left alone" },
    { msg: 'say "TOKEN=abcdef"', password: "a\\b\"c'd", next: true },
    { err: { message: "connect postgres://a:b@c failed", apiKey: "0123456789" } },
    { msg: JSON.stringify({ secret: "hunter22", next: { token: "x y z w" } }) },
  ])("leaves JSON well-formed: %j", (value) => {
    const shown = redact(JSON.stringify(value));
    expect(shown).toContain("[redacted]");
    expect(Object.keys(JSON.parse(shown))).toEqual(Object.keys(value));
  });

  it("hides the values it is given", () => {
    expect(createRedactor(["correct-horse"])("value is correct-horse!")).toBe("value is [redacted]!");
  });

  it.each([
    ["escaped in a URL", "GET /?p=cor%26rect%20horse", "cor&rect horse", "GET /?p=[redacted]"],
    ["escaped in a string", String.raw`"cor\"rect"`, 'cor"rect', '"[redacted]"'],
    ["in base64", `cred ${Buffer.from("correct-horse").toString("base64")}`, "correct-horse", "cred [redacted]=="],
    ["one line at a time", "line 2 is MIIEvQIB", "-----BEGIN\nMIIEvQIB\n-----END", "line 2 is [redacted]"],
    ["where the end of the line cuts it", "env: correct-ho", "correct-horse", "env: [redacted]"],
  ])("hides a value that appears %s", (_, text, secret, shown) => {
    expect(createRedactor([secret])(text)).toBe(shown);
  });

  it("hides a value whole that begins like another", () => {
    expect(createRedactor(["secret", "secret-of-staging"])("is secret-of-staging")).toBe("is [redacted]");
  });

  it.each([
    "VITE v8.3.8  ready in 312 ms",
    "➜  Local:   http://localhost:5173/",
    "GET /tokens 200",
    "compiled 12 modules",
    "http://localhost:5173/ and me@example.com",
  ])("leaves ordinary output alone: %s", (line) => {
    expect(redact(line)).toBe(line);
  });

  it.each([
    "TOKEN",
    "a.",
    "a-",
    "eyJ-",
    "eyJaaaaaaaa.",
    "token=",
    'token="',
    "token='a",
    String.raw`token=\"`,
    "://a:",
    "://:",
    "@",
    "authorization: ",
    "bearer ",
    " ",
    "\\",
    "\n",
    "token\n=",
  ])("takes time in proportion to a text of %j over and over", (piece) => {
    const text = piece.repeat(300_000 / piece.length);
    const startedAt = performance.now();
    createRedactor(["correct-horse"])(text);
    // quadratic patterns took half a minute
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
