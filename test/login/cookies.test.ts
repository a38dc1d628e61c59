import { describe, expect, it } from "vitest";
import { printCookie, readCookie, setsOurCookie, withoutOurCookies } from "../../src/login/cookies.ts";

describe("a cookie of ours", () => {
  it("is host-only by its name over https, and plain over http", () => {
    expect(printCookie("visit", "v", { scheme: "https", maxAgeSeconds: 60 })).toBe(
      "__Host-dev-preview-visit=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure",
    );
    expect(printCookie("visit", "v", { scheme: "http", maxAgeSeconds: 60 })).toBe(
      "dev-preview-visit=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax",
    );
  });

  it("is read back, and not when there are two of it that differ", () => {
    expect(readCookie("a=1; dev-preview-visit=v", "visit", "http")).toBe("v");
    expect(readCookie("dev-preview-visit=v; dev-preview-visit=v", "visit", "http")).toBe("v");
    expect(readCookie("dev-preview-visit=planted; dev-preview-visit=v", "visit", "http")).toBeUndefined();
    expect(readCookie("dev-preview-visit=v", "visit", "https")).toBeUndefined();
    expect(readCookie(undefined, "visit", "http")).toBeUndefined();
  });

  it.each([
    ["a=1; dev-preview-visit=v; b=2", "a=1; b=2"],
    ["__Host-dev-preview-visit=v;a=1", "a=1"],
    ["DEV-PREVIEW-visit=v", undefined],
    ["a=1;b=2 ;  c", "a=1;b=2 ;  c"],
    ["mine-dev-preview-visit=v", "mine-dev-preview-visit=v"],
  ])("is taken out of what the app gets: %s", (header, left) => {
    expect(withoutOurCookies(header)).toBe(left);
  });

  it("cannot be set by the app", () => {
    expect(["dev-preview-visit=x", "__Host-Dev-Preview-session=x; Path=/"].map(setsOurCookie)).toEqual([true, true]);
    expect(["visit=x", "x=dev-preview-visit"].map(setsOurCookie)).toEqual([false, false]);
  });
});
