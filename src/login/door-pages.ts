import type { DoorAnswer } from "./contract.ts";

/** What the login says in its own name. No page tells a preview that does not exist from one that is not the visitor's. */
export const doorPages = {
  notFound: { status: 404, previewStatus: "not-found", title: "Not found", text: "There is nothing here." },
  wrongMethod: { status: 405, previewStatus: "bad-request", title: "Not allowed", text: "This method is not served." },
  foreign: {
    status: 403,
    previewStatus: "cross-site",
    title: "Refused",
    text: "The request was begun by another site.",
  },
  badLogin: {
    status: 400,
    previewStatus: "login-refused",
    title: "Open the preview again",
    text: "The address of this login is not complete, or too old.",
  },
  otherBrowser: {
    status: 400,
    previewStatus: "login-refused",
    title: "Open the preview again",
    text: "This login was begun in another browser, or too long ago, or went on already.",
  },
  refused: {
    status: 403,
    previewStatus: "login-refused",
    title: "Not logged in",
    text: "The identity provider refused, or does not say which org and user you are.",
  },
  unavailable: {
    status: 503,
    previewStatus: "login-unavailable",
    title: "Login is not possible now",
    text: "The identity provider cannot be asked. Try again in a moment.",
  },
  spent: {
    status: 403,
    previewStatus: "ticket-refused",
    title: "Open the preview again",
    text: "This way in was used before, is too old, or belongs to another browser.",
  },
  handOver: {
    status: 200,
    previewStatus: "logged-in",
    title: "You are logged in",
    text: "Go back to the page that you came from. If the preview does not show there, press its button once more.",
    script: "hand-over",
  },
  notYours: {
    status: 404,
    previewStatus: "not-found",
    title: "Nothing here for you",
    text: "There is no such preview, or you are not a member of its project.",
    form: { action: "/logout", label: "Log out" },
  },
  loggedIn: {
    status: 200,
    previewStatus: "logged-in",
    title: "You are logged in",
    text: "Previews of your projects open without asking again.",
    form: { action: "/logout", label: "Log out" },
  },
  loggedOut: {
    status: 200,
    previewStatus: "logged-out",
    title: "You are logged out",
    text: "Previews that were open have been closed.",
  },
} as const satisfies Record<string, DoorAnswer>;

/** 303: the browser goes on with GET. */
export function redirect(location: string, cookies: readonly string[] = []): DoorAnswer {
  return {
    status: 303,
    previewStatus: "login",
    title: "Go on",
    text: "The way goes on elsewhere.",
    headers: ["Location", location, ...cookies.flatMap((cookie) => ["Set-Cookie", cookie])],
  };
}

export function withCookies(answer: DoorAnswer, cookies: readonly string[]): DoorAnswer {
  return { ...answer, headers: [...(answer.headers ?? []), ...cookies.flatMap((cookie) => ["Set-Cookie", cookie])] };
}
