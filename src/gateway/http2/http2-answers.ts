import type { Answer } from "../answers/answer.ts";

/** The browser took a connection for a host that it was not opened for; it asks again on one of its own. */
export const misdirected: Answer = {
  status: 421,
  previewStatus: "misdirected",
  title: "Not here",
  text: "This connection does not lead to the host that was asked for.",
};

export const unknownProtocol: Answer = {
  status: 501,
  previewStatus: "bad-request",
  title: "Not implemented",
  text: "Only WebSockets are opened by CONNECT.",
};
