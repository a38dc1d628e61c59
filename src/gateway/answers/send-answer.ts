import type { IncomingMessage, ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Answer } from "./answer.ts";
import type { AskerHeaders } from "./asks-for-document.ts";
import { bodyKindFor, renderAnswer } from "./pages.ts";
import type { BodyKind, RenderedAnswer } from "./pages.ts";
import { dropBody } from "../forward/request-body.ts";

export function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, headers, body } = renderFor(answer, request.headers);
  response.writeHead(status, answer.closes === true ? [...headers, "Connection", "close"] : [...headers]);
  response.end(body, "latin1");
  response.once("finish", () => dropBody(request));
}

/** With the body that the asker can use. */
export function renderFor(answer: Answer, asker: AskerHeaders): RenderedAnswer {
  return renderAnswer(answer, told(answer, bodyKindFor(asker)));
}

/** For sockets that no longer, or never, had a response object: the answer is their last. */
export function sendLastAnswer(socket: Socket, answer: Answer): void {
  if (!socket.writable) return void socket.destroy();
  const { status, headers, body } = renderAnswer(answer, told(answer, "empty"));
  socket.end(`${printHead(status, STATUS_CODES[status] ?? "", [...headers, "Connection", "close"])}${body}`, "latin1");
  linger(socket);
}

function told(answer: Answer, kind: BodyKind): BodyKind {
  return kind === "empty" && answer.explains === true ? "json" : kind;
}

const lingerMs = 2_000;

/**
 * What the client still sends on an ended socket is read and dropped for a moment after the last
 * byte left: closing on unread bytes would reset the connection and might take the answer with it.
 */
export function linger(socket: Socket): void {
  socket.resume();
  socket.once("end", () => socket.destroySoon());
  socket.once("finish", () => setTimeout(() => socket.destroy(), lingerMs).unref());
}

/** Status line and headers, with the empty line behind them; `lines` are further headers, printed. */
export function printHead(status: number, reason: string, headers: readonly string[], lines = ""): string {
  let text = `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let at = 0; at + 1 < headers.length; at += 2) text += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return `${text}${lines}\r\n`;
}
