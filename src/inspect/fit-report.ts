import type { CheckOutput } from "../preview/inspection.ts";

type Report = Omit<CheckOutput, "next">;

/**
 * Bytes that each list may take in a result, where it stands twice: as itself, and once more inside
 * JSON text. Together with the rest they stay below what clients take (10 KB).
 */
const shares = { pageErrors: 2200, consoleErrors: 2200, failedRequests: 2000 } as const;
const overlayBytes = 1600;

/** The report with as many errors as fit, the first ones; `omitted` counts the others. */
export function fitReport(report: Report): Report {
  const pageErrors = firstThatFit(report.pageErrors, shares.pageErrors);
  const consoleErrors = firstThatFit(report.consoleErrors, shares.consoleErrors);
  const failedRequests = firstThatFit(report.failedRequests, shares.failedRequests);
  const given = report.pageErrors.length + report.consoleErrors.length + report.failedRequests.length;
  const kept = pageErrors.length + consoleErrors.length + failedRequests.length;
  const omitted = (report.omitted ?? 0) + given - kept;
  const { errorOverlay, omitted: _, ...rest } = report;
  return {
    ...rest,
    pageErrors,
    consoleErrors,
    failedRequests,
    ...(errorOverlay !== undefined && { errorOverlay: cutToFit(errorOverlay, overlayBytes) }),
    ...(omitted > 0 && { omitted }),
  };
}

function firstThatFit<Item>(items: readonly Item[], bytes: number): Item[] {
  let room = bytes;
  const tooMany = items.findIndex((item) => (room -= bytesInResult(item)) < 0);
  return items.slice(0, tooMany === -1 ? items.length : tooMany);
}

function cutToFit(text: string, bytes: number): string {
  let shown = text;
  while (bytesInResult(shown) > bytes)
    shown = `${shown.slice(0, Math.floor(shown.length * 0.8)).replace(/[\ud800-\udbff]$/, "")}…`;
  return shown;
}

function bytesInResult(value: unknown): number {
  const encoded = JSON.stringify(value);
  return Buffer.byteLength(encoded) + Buffer.byteLength(JSON.stringify(encoded));
}
