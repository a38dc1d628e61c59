import { describe, expect, it, test } from "vitest";
import { fitReport } from "../../src/inspect/fit-report.ts";
import { nextLook } from "../../src/inspect/next-look.ts";
import { checkOutput } from "../../src/preview/inspection.ts";
import type { CheckOutput } from "../../src/preview/inspection.ts";
import { maxResultBytes } from "../../src/tools/fit-result.ts";

type Report = Omit<CheckOutput, "next">;
const fine: Report = {
  httpStatus: 200,
  title: "Shop",
  finalUrl: "http://20001-[redacted].localhost:4781/",
  consoleErrors: [],
  pageErrors: [],
  failedRequests: [],
  blank: false,
  loadMs: 100,
};

function bytesOfResult(report: Report): number {
  const whole = checkOutput.parse({ ...report, next: "n".repeat(200) });
  const content = [{ type: "text", text: JSON.stringify(whole) }];
  return Buffer.byteLength(JSON.stringify({ content, structuredContent: whole }));
}

describe("a report", () => {
  it("that fits is left as it is", () => {
    const report = { ...fine, consoleErrors: ["a"], errorOverlay: "b", failedRequests: [{ url: "c", status: 500 }] };
    expect(fitReport(report)).toEqual(report);
  });

  test.each([
    ["quotes, which JSON writes twice over", '"'],
    ["letters of three bytes", "語"],
    ["plain text", "x"],
  ])("of the worst page, in %s, fits what clients take", (_, letter) => {
    const each = <Item>(item: (index: number) => Item) => Array.from({ length: 20 }, (_, index) => item(index));
    const fitted = fitReport({
      ...fine,
      title: letter.repeat(200),
      finalUrl: letter.repeat(500),
      consoleErrors: each((index) => index + letter.repeat(500)),
      pageErrors: each((index) => index + letter.repeat(500)),
      failedRequests: each((index) => ({ url: index + letter.repeat(300), error: letter.repeat(100) })),
      errorOverlay: letter.repeat(1500),
      omitted: 7,
    });
    expect(bytesOfResult(fitted)).toBeLessThanOrEqual(maxResultBytes);
    const kept = fitted.consoleErrors.length + fitted.pageErrors.length + fitted.failedRequests.length;
    expect(fitted.omitted).toBe(7 + 60 - kept);
    expect(fitted.errorOverlay!.length).toBeGreaterThan(100);
    expect(fitted.errorOverlay).toMatch(/…$/);
  });

  it("keeps the first errors, for the others often follow from them", () => {
    const consoleErrors = Array.from({ length: 20 }, (_, index) => `${index} ${"x".repeat(300)}`);
    const fitted = fitReport({ ...fine, consoleErrors });
    expect(fitted.consoleErrors.length).toBeGreaterThan(1);
    expect(fitted.consoleErrors).toEqual(consoleErrors.slice(0, fitted.consoleErrors.length));
  });
});

describe("the next step", () => {
  const { httpStatus: _, ...noDocument } = fine;
  const { blank: __, ...unseen } = fine;
  const { loadMs: ___, ...loading } = fine;
  test.each<[string, Report, RegExp]>([
    ["nothing is wrong", fine, /without errors/],
    ["no document came", noDocument, /No document came/],
    ["the server failed", { ...fine, httpStatus: 503 }, /dev_preview_logs/],
    ["the path is wrong", { ...fine, httpStatus: 404 }, /routes/],
    ["an overlay is shown", { ...fine, httpStatus: 500, errorOverlay: "x", pageErrors: ["y"] }, /errorOverlay/],
    ["a script failed", { ...fine, pageErrors: ["x"], blank: true }, /pageErrors/],
    ["nothing is visible", { ...fine, blank: true }, /Nothing is visible/],
    ["the page could not be looked at", unseen, /did not answer/],
    ["it goes on loading", loading, /goes on loading/],
    ["something is printed", { ...fine, consoleErrors: ["x"] }, /consoleErrors/],
    ["a request failed", { ...fine, failedRequests: [{ url: "x", status: 500 }] }, /failedRequests/],
  ])("when %s", (_, report, expected) =>
    expect(nextLook({ report, crashed: false, flooded: false })).toMatch(expected),
  );

  it("when the page's process ended, whatever else", () => {
    expect(nextLook({ report: fine, crashed: true, flooded: false })).toMatch(/process ended/);
    expect(nextLook({ report: fine, crashed: false, flooded: true })).toMatch(/without end/);
  });
});
