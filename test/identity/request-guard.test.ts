import { describe, expect, it } from "vitest";
import { createRequestGuard } from "../../src/identity/request-guard.ts";

const judge = createRequestGuard({
  boundHost: "192.168.7.7",
  controlNames: ["Plane.Example.com", "fd00::7"],
  allowedOrigins: ["https://ide.example.com", "http://localhost:3000"],
});

describe("Host", () => {
  it.each([
    "localhost",
    "localhost:4780",
    "LOCALHOST:1",
    "localhost.:4780",
    "127.0.0.1",
    "127.0.0.1:65535",
    "[::1]",
    "[::1]:4780",
    "192.168.7.7:4780",
    "plane.example.com",
    "plane.example.com:8443",
    "[fd00::7]:4780",
  ])("lets %s pass", (host) => {
    expect(judge({ host, origin: undefined })).toBeUndefined();
  });

  it.each([
    undefined,
    "",
    "evil.example.com",
    "localhost.evil.example.com",
    "evil-localhost",
    "5173-abc.localhost:4780",
    "127.0.0.1.nip.io",
    "127.0.0.2",
    "127.1",
    "2130706433",
    "0.0.0.0:4780",
    "[::]:4780",
    "::1",
    "[::ffff:127.0.0.1]",
    "192.168.7.8",
    "localhost:",
    "localhost:4780:4780",
    "localhost:x",
    "localhost@evil.example.com",
    "evil.example.com@localhost",
    "localhost, evil.example.com",
    "localhost evil.example.com",
    "localhost/",
    "localhost..",
  ])("refuses %s", (host) => {
    expect(judge({ host, origin: undefined })).toBe("foreign_host");
  });

  it("does not take a wildcard bind address for a name", () => {
    for (const boundHost of ["0.0.0.0", "::", "[::]", ""]) {
      const wide = createRequestGuard({ boundHost, controlNames: [], allowedOrigins: [] });
      expect(wide({ host: "0.0.0.0:4780", origin: undefined })).toBe("foreign_host");
      expect(wide({ host: "[::]:4780", origin: undefined })).toBe("foreign_host");
      expect(wide({ host: "localhost:4780", origin: undefined })).toBeUndefined();
    }
  });
});

describe("Origin", () => {
  it.each([
    ["localhost:4780", "http://localhost:4780"],
    ["127.0.0.1:4780", "http://127.0.0.1:4780"],
    ["[::1]:4780", "http://[::1]:4780"],
    ["localhost:4780", "HTTP://LOCALHOST:4780"],
    ["localhost", "http://localhost"],
    ["plane.example.com", "https://plane.example.com"],
    ["plane.example.com:443", "https://plane.example.com"],
    ["localhost:4780", "https://ide.example.com"],
    ["localhost:4780", "http://localhost:3000"],
  ])("lets a call to %s from %s pass", (host, origin) => {
    expect(judge({ host, origin })).toBeUndefined();
  });

  it.each([
    ["localhost:4780", "http://localhost:5173"],
    ["localhost:4780", "http://127.0.0.1:4780"],
    ["localhost:4780", "http://5173-abc.localhost:4780"],
    ["localhost:4780", "http://evil.example.com"],
    ["localhost:4780", "http://localhost:4780.evil.example.com"],
    ["localhost:4780", "http://localhost:4780@evil.example.com"],
    ["localhost:4780", "http://localhost:4780/"],
    ["localhost:4780", "http://localhost:4780 http://evil.example.com"],
    ["localhost:4780", "https://ide.example.com.evil.example.com"],
    ["localhost:4780", "http://ide.example.com"],
    ["localhost:4780", "https://ide.example.com:8443"],
    ["localhost:4780", "null"],
    ["localhost:4780", ""],
    ["localhost:4780", "file://"],
    ["localhost:4780", "chrome-extension://abc"],
  ])("refuses a call to %s from %s", (host, origin) => {
    expect(judge({ host, origin })).toBe("foreign_origin");
  });

  it("judges the Host first: a listed Origin does not open a foreign Host", () => {
    expect(judge({ host: "evil.example.com", origin: "https://ide.example.com" })).toBe("foreign_host");
    expect(judge({ host: "evil.example.com", origin: "http://evil.example.com" })).toBe("foreign_host");
  });
});
