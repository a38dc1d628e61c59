/** What is asked of a browser, so that the rules around it can be tested without one. */
export interface Browser {
  /** A page in a context of its own, which ends with it. */
  openPage(options: PageOptions): Promise<BrowserPage>;
  /** Resolves when the browser is gone, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends every process of it, and removes its files. Idempotent. */
  close(): Promise<void>;
}

/** Starts one; throws `browser_missing` or `browser_failed`. */
export type LaunchBrowser = () => Promise<Browser>;

export interface PageOptions {
  /** Of the window, CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** The only origin that the main frame may show. */
  readonly origin: string;
  readonly onEvent: (event: PageEvent) => void;
}

/** What happens on a page; every text and address is the page's own word and of any length. */
export type PageEvent =
  /** `about` is the request that the browser itself complains of; empty when a script wrote the line. */
  | { readonly kind: "console-error"; readonly text: string; readonly about: string }
  | { readonly kind: "page-error"; readonly text: string }
  /** A console line that is no error, this long. */
  | { readonly kind: "chatter"; readonly length: number }
  /** A request began or ended, whichever way. */
  | { readonly kind: "traffic" }
  /** The main frame's document began to arrive. */
  | { readonly kind: "document"; readonly url: string; readonly status: number }
  | { readonly kind: "bad-status"; readonly url: string; readonly status: number }
  | { readonly kind: "failed"; readonly url: string; readonly error: string }
  /** The page's process ended. */
  | { readonly kind: "crashed" };

export interface BrowserPage {
  /** Opens the address. Resolves when its document began to arrive, or failed to, or after the time. */
  open(url: string, timeoutMs: number): Promise<void>;
  /** False when the document and what it needs are there, and when it gave up. */
  loading(): boolean;
  /** Address of the main frame now. */
  url(): string;
  /** Requests under way that are expected to end. */
  pending(): number;
  /**
   * The JSON value of a script's expression, run beside the page's own scripts, out of their reach.
   * Undefined when the page does not answer in time.
   */
  look(expression: string, timeoutMs: number): Promise<unknown>;
  /** The image in base64; undefined when the page does not answer in time. */
  capture(shot: Shot, timeoutMs: number): Promise<string | undefined>;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface Shot {
  readonly format: "png" | "jpeg";
  /** Of JPEG, 0 to 100. */
  readonly quality?: number;
  /** Part of the page, CSS pixels from its top left, and the factor by which it is shrunk. */
  readonly area: { readonly width: number; readonly height: number; readonly scale: number };
}
