import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Answer } from "../answers/answer.ts";
import { hostWithoutPort } from "../../preview/links/host-name.ts";
import { sendAnswer } from "../answers/send-answer.ts";

/** Answers requests that came without TLS to a port that speaks it. */
export interface PlainHttp {
  serve(socket: Socket): void;
}

const tlsOnly: Answer = {
  status: 400,
  previewStatus: "tls-only",
  closes: true,
  title: "This port speaks https",
  text: "The request came as plain http. Open the same address with https.",
};

const answerMs = 10_000;

/** One request for each connection; who reads a page is sent to its https address. */
export function createPlainHttp(domain: string): PlainHttp {
  const server = createServer({ requireHostHeader: false }, (request, response) =>
    sendAnswer(request, response, answerFor(request, domain)),
  );
  const refuse = (request: IncomingMessage, response: ServerResponse) => sendAnswer(request, response, tlsOnly);
  server.on("checkContinue", refuse).on("checkExpectation", refuse);
  return {
    serve(socket) {
      const timer = setTimeout(() => socket.destroy(), answerMs);
      socket.once("close", () => clearTimeout(timer));
      server.emit("connection", socket);
    },
  };
}

/** Only names of our own are led on, and only what changes nothing. */
function answerFor({ method, url = "", headers: { host = "" } }: IncomingMessage, domain: string): Answer {
  const isRead = method === "GET" || method === "HEAD";
  const isOurs = /^[a-z0-9.-]+(?::\d{1,5})?$/.test(host) && hostWithoutPort(host)?.endsWith(`.${domain}`) === true;
  if (!isRead || !isOurs || !url.startsWith("/")) return tlsOnly;
  return { ...tlsOnly, status: 308, headers: ["Location", `https://${host}${url}`] };
}
