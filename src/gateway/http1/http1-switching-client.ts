import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Answer } from "../answers/answer.ts";
import { hasBody } from "../upstream/body-reader.ts";
import type { ClientRequest, SwitchingClient } from "../client.ts";
import type { ResponseHead } from "../upstream/parse-response-head.ts";
import { readRequestFraming } from "../forward/request-framing.ts";
import type { RequestFraming } from "../forward/request-framing.ts";
import { linger, printHead, sendLastAnswer } from "../answers/send-answer.ts";

/** A request of HTTP/1.1 to switch protocols: its socket is nobody else's any more. */
export class Http1SwitchingClient implements SwitchingClient {
  readonly socket: Socket;
  readonly sharesConnection = false;
  #asked: Asked | undefined;
  #chunked = false;

  constructor(request: IncomingMessage, socket: Socket, early: Buffer) {
    this.socket = socket;
    const framing = readRequestFraming(request.rawHeaders, request.httpVersionMinor);
    this.#asked = { request, framing, early };
    socket.setTimeout(0);
    socket.setNoDelay(true);
  }

  get request(): ClientRequest {
    return this.#asked?.request ?? forgotten.request;
  }

  get framing(): RequestFraming {
    return this.#asked?.framing ?? forgotten.framing;
  }

  get early(): Buffer {
    return this.#asked?.early ?? forgotten.early;
  }

  get duplex(): Socket {
    return this.socket;
  }

  watch(): void {}

  bytesSent(): number {
    return this.socket.bytesWritten;
  }

  hold(held: boolean): void {
    if (held) this.socket.pause();
    else this.socket.resume();
  }

  gone(): boolean {
    return this.socket.destroyed;
  }

  /** The browser itself knows which key it sent. */
  agrees(): boolean {
    return true;
  }

  sendHead(head: ResponseHead, headers: string[]): void {
    const joins = head.status === 101;
    this.#chunked = !joins && head.chunked && takesChunks(this.#asked?.request, head);
    if (joins) headers.push("Connection", "Upgrade", "Upgrade", head.upgrade ?? "websocket");
    else headers.push("Connection", "close");
    if (this.#chunked) headers.push("Transfer-Encoding", "chunked");
    this.socket.write(printHead(head.status, head.reason, headers), "latin1");
    this.#asked = undefined;
  }

  write(bytes: Buffer): boolean {
    const { socket } = this;
    if (!this.#chunked) return socket.write(bytes) || socket.writableLength === 0;
    socket.write(`${bytes.length.toString(16)}\r\n`, "latin1");
    socket.write(bytes);
    return socket.write("\r\n");
  }

  finish(): void {
    if (this.#chunked) this.socket.write("0\r\n\r\n");
    this.socket.end();
    linger(this.socket);
  }

  answer(answer: Answer): void {
    sendLastAnswer(this.socket, answer);
  }

  breakOff(): void {
    this.socket.destroy();
  }
}

interface Asked {
  readonly request: IncomingMessage;
  readonly framing: RequestFraming;
  readonly early: Buffer;
}

/** A socket that stays open for days does not keep what it was opened with: that is a third of its memory. */
const forgotten = {
  request: { method: "GET", url: "", rawHeaders: [], headers: {} },
  framing: readRequestFraming([]),
  early: Buffer.alloc(0),
};

function takesChunks(request: IncomingMessage | undefined, head: ResponseHead): boolean {
  return request !== undefined && request.httpVersionMinor > 0 && hasBody(head, request.method ?? "GET");
}
