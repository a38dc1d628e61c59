import type { PageScript } from "./page-scripts.ts";

/** An answer of the gateway's own, never the app's. */
export interface Answer {
  readonly status: number;
  /** Value of `X-Preview-Status`: what programs tell these answers apart by. */
  readonly previewStatus: string;
  readonly retryAfterSeconds?: number;
  /** Nothing that follows on the client's connection can be trusted. */
  readonly closes?: true;
  readonly title: string;
  readonly text: string;
  /** Alternating names and values. */
  readonly headers?: readonly string[];
  /** A button below the text, which posts to a path of the same host. */
  readonly form?: { readonly action: string; readonly label: string };
  /** A button below the text, which opens an address in a window of its own. */
  readonly popup?: { readonly url: string; readonly label: string };
  /** A script of ours in the page: see `page-scripts.ts`. */
  readonly script?: PageScript;
  /** Origins that may show the page in a frame; absent: any, for it tells nothing, unless it has a button or a script. */
  readonly ancestors?: readonly string[];
  /** Whoever asks is told why, in JSON where a page is of no use. */
  readonly explains?: true;
  /** The limit that is reached, by the setting that gives it, and its value. */
  readonly limit?: { readonly setting: LimitSetting; readonly most: number };
  /** It is sent only then, and nothing more is read from its client before. */
  readonly delayMs?: number;
}

/** Limits of the gateway, as settings name them. */
export type LimitSetting =
  | "limitPreviewConnections"
  | "limitAddressConnections"
  | "limitInvalidLinks"
  | "limitHeadBytes"
  | "limitHeadSeconds";

/** Every answer that the gateway gives in its own name, but for those of the login. None is a success. */
export const answers = {
  starting: {
    status: 503,
    previewStatus: "starting",
    retryAfterSeconds: 1,
    title: "Starting",
    text: "The dev server is starting. This page reloads by itself.",
  },
  idle: {
    status: 503,
    previewStatus: "idle",
    retryAfterSeconds: 5,
    title: "Asleep",
    text: "Nobody came for a while, and the dev server was put to sleep. Open the link to wake it.",
  },
  waking: {
    status: 503,
    previewStatus: "waking",
    retryAfterSeconds: 1,
    title: "Waking up",
    text: "Nobody came for a while, and the dev server was put to sleep. It is being started again; this page reloads by itself.",
  },
  notWoken: {
    status: 503,
    previewStatus: "idle",
    retryAfterSeconds: 5,
    explains: true,
    title: "It could not be woken",
    text: "The dev server sleeps, and could not be started again. This page tries once more by itself.",
  },
  unavailable: {
    status: 503,
    previewStatus: "unavailable",
    retryAfterSeconds: 1,
    title: "One moment",
    text: "The gateway is not ready yet. This page reloads by itself.",
  },
  ending: {
    status: 503,
    previewStatus: "unavailable",
    retryAfterSeconds: 1,
    closes: true,
    title: "One moment",
    text: "The gateway is being replaced. This page reloads by itself.",
  },
  crashed: {
    status: 502,
    previewStatus: "crashed",
    title: "The dev server has ended",
    text: "Its log says why. Start the preview again once that is fixed.",
  },
  unreachable: {
    status: 502,
    previewStatus: "unreachable",
    retryAfterSeconds: 1,
    title: "The dev server does not answer",
    text: "The connection was refused or broke before an answer came. This page reloads by itself.",
  },
  gone: {
    status: 410,
    previewStatus: "gone",
    title: "This link has ended",
    text: "The preview was stopped, or its link expired or was replaced. Ask for a new one.",
  },
  notFound: { status: 404, previewStatus: "not-found", title: "Not found", text: "There is nothing here." },
  loginRequired: {
    status: 401,
    previewStatus: "login-required",
    explains: true,
    headers: ["WWW-Authenticate", "Preview-Token"],
    title: "Log in first",
    text: "This preview is for members of its project. Open it in a tab of its own to log in.",
  },
  sessionEnded: {
    status: 401,
    previewStatus: "session-ended",
    explains: true,
    headers: ["WWW-Authenticate", "Preview-Token"],
    title: "Log in again",
    text: "You were logged out, or your session is over. Open the preview in a tab of its own to log in.",
  },
  tokenRefused: {
    status: 401,
    previewStatus: "token-refused",
    explains: true,
    headers: ["WWW-Authenticate", "Preview-Token"],
    title: "Token refused",
    text: "The token is not that of this preview, or its link has ended. Ask for a new one.",
  },
  crossSite: {
    status: 403,
    previewStatus: "cross-site",
    explains: true,
    title: "Refused",
    text: "The request was begun by another site, and would use your login here.",
  },
  badRequest: {
    status: 400,
    previewStatus: "bad-request",
    closes: true,
    title: "Bad request",
    text: "The request is malformed.",
  },
  tooManyHeaders: {
    status: 431,
    previewStatus: "bad-request",
    closes: true,
    explains: true,
    title: "Too large",
    text: "The request has 256 headers or more. Send fewer, or clear the cookies of this site.",
  },
  notImplemented: {
    status: 501,
    previewStatus: "bad-request",
    closes: true,
    title: "Not implemented",
    text: "This transfer coding is not understood.",
  },
} as const satisfies Record<string, Answer>;

/** 303 with a cookie. */
export function seeOther(location: string, cookie: string): Answer {
  return {
    status: 303,
    previewStatus: "login",
    title: "Go on",
    text: "The way goes on elsewhere.",
    headers: ["Location", location, "Set-Cookie", cookie],
  };
}

/** Providers refuse to be framed: a frame opens the login in a window of its own. */
export function frameLogin(login: {
  readonly url: string;
  readonly cookie: string;
  readonly ancestors: readonly string[];
}): Answer {
  return {
    ...answers.loginRequired,
    text: "This preview is for members of its project.",
    headers: [...answers.loginRequired.headers, "Set-Cookie", login.cookie],
    popup: { url: login.url, label: "Log in" },
    script: "frame-login",
    ancestors: login.ancestors,
  };
}
