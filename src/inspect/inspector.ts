import { PreviewError } from "../errors.ts";
import type { RequestContext } from "../identity/context.ts";
import type { Logger } from "../logger.ts";
import type {
  CheckInput,
  CheckOutput,
  InspectUseCases,
  ScreenshotInput,
  ScreenshotOutput,
} from "../preview/inspection.ts";
import type { Database } from "../preview/store.ts";
import type { CallOptions, PreviewUseCases } from "../preview/use-cases.ts";
import type { BrowserPage, LaunchBrowser, PageEvent } from "./browser.ts";
import { createBrowserPool } from "./browser-pool.ts";
import type { BrowserPoolOptions } from "./browser-pool.ts";
import { checkPage } from "./check-page.ts";
import { locatePage } from "./locate-page.ts";
import type { LocatedPage } from "./locate-page.ts";
import { createPageNotebook } from "./page-notes.ts";
import type { PageNotebook } from "./page-notes.ts";
import { shootPage } from "./shoot-page.ts";

export interface InspectorOptions extends Pick<BrowserPoolOptions, "idleMs"> {
  readonly launch: LaunchBrowser;
  readonly db: Pick<Database, "projects" | "previews">;
  readonly useCases: Pick<PreviewUseCases, "url">;
  readonly logger: Logger;
}

export interface Inspector extends InspectUseCases {
  /** Ends the browser; idempotent. */
  close(): Promise<void>;
}

/** One page that a call looks at, and until when (of `performance.now()`). */
export interface Inspection {
  readonly page: BrowserPage;
  readonly notes: PageNotebook;
  readonly located: LocatedPage;
  readonly deadline: number;
}

/** What a call keeps for closing up and for its way back. */
const reserveMs = 500;

/** Looks at previews with a browser of this host, which runs only while it is used. */
export function createInspector(options: InspectorOptions): Inspector {
  const pool = createBrowserPool(options);

  async function inspect<Result>(call: Call, look: (inspection: Inspection) => Promise<Result>): Promise<Result> {
    const { context, input } = call;
    const timeMs = Math.round(input.waitSeconds * 1000);
    const deadline = performance.now() + timeMs - Math.min(reserveMs, timeMs / 4);
    const timeout = AbortSignal.timeout(timeMs);
    const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
    const located = await locatePage(options, { context, input, signal });
    const notes = createPageNotebook(located.redact);
    const { width, height } = input;
    const pageOptions = {
      owner: located.owner,
      width,
      height,
      origin: new URL(located.url).origin,
      onEvent: (event: PageEvent) => notes.take(event),
    };
    try {
      return await pool.withPage(pageOptions, (page) => look({ page, notes, located, deadline }), signal);
    } catch (error) {
      throw translate(error, call.signal);
    }
  }

  return {
    check: (context, input, callOptions) => inspect<CheckOutput>(callOf(context, input, callOptions), checkPage),
    screenshot: (context, input, callOptions) =>
      inspect<ScreenshotOutput>(callOf(context, input, callOptions), (inspection) => shootPage(inspection, input)),
    close: () => pool.close(),
  };
}

interface Call {
  readonly context: RequestContext;
  readonly input: CheckInput | ScreenshotInput;
  readonly signal: AbortSignal | undefined;
}

function callOf(context: RequestContext, input: Call["input"], options: CallOptions = {}): Call {
  return { context, input, signal: options.signal };
}

/** Whatever else is thrown is a fault of ours, and stays one. */
function translate(error: unknown, callerSignal: AbortSignal | undefined): unknown {
  if (error instanceof PreviewError) return error;
  if (callerSignal?.aborted === true)
    return new PreviewError("cancelled", "the call was cancelled", { hint: "Call again.", cause: error });
  if (!(error instanceof Error) || error.name !== "TimeoutError") return error;
  return new PreviewError(
    "browser_failed",
    "no page could be opened in time: the browser starts slowly, or looks at other pages",
    { hint: "Call again, with more waitSeconds.", cause: error },
  );
}
