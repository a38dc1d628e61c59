import { PreviewError } from "../../src/errors.ts";
import type { RequestContext } from "../../src/identity/context.ts";
import type { CheckOutput, InspectUseCases } from "../../src/preview/inspection.ts";

/** One black pixel. */
export const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export const fakeReport: CheckOutput = {
  httpStatus: 200,
  title: "Shop",
  finalUrl: "http://5173-[redacted].localhost:4781/",
  consoleErrors: ["boom"],
  pageErrors: [],
  failedRequests: [{ url: "http://5173-[redacted].localhost:4781/api", status: 500 }],
  blank: false,
  loadMs: 120,
  next: "The page shows.",
};

export interface InspectCall {
  readonly method: keyof InspectUseCases;
  readonly context: RequestContext;
  readonly input: unknown;
}

/** Looking at previews without a browser. The name picks the behaviour: `missing` has none, `slow` waits until it is cancelled. */
export function createFakeInspect() {
  const calls: InspectCall[] = [];
  const behave = async (name: string, signal: AbortSignal | undefined) => {
    if (name === "missing") throw new PreviewError("browser_missing", "there is no Chromium", { hint: "Install one." });
    if (name !== "slow") return;
    await new Promise<void>((resolve) => {
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
    throw new PreviewError("cancelled", "the call was cancelled", { hint: "Call again." });
  };
  const inspect: InspectUseCases = {
    async check(context, input, { signal } = {}) {
      calls.push({ method: "check", context, input });
      await behave(input.name, signal);
      return fakeReport;
    },
    async screenshot(context, input, { signal } = {}) {
      calls.push({ method: "screenshot", context, input });
      await behave(input.name, signal);
      return { mimeType: "image/png", data: pixel };
    },
  };
  return { inspect, calls };
}
