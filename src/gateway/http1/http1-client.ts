import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Answer } from "../answers/answer.ts";
import type { Client } from "../client.ts";
import type { ResponseHead } from "../upstream/parse-response-head.ts";
import { dropBody } from "../forward/request-body.ts";
import { readRequestFraming } from "../forward/request-framing.ts";
import type { RequestFraming } from "../forward/request-framing.ts";
import type { AnswerBuffers } from "./answer-buffer.ts";
import type { Http1Response } from "./http1-response.ts";
import { ResponseWriter } from "../forward/response-writer.ts";
import type { AnswerWriter, ResponseWriterOptions } from "../forward/response-writer.ts";
import { printHead, sendAnswer } from "../answers/send-answer.ts";

/** A request of HTTP/1.1. Its connection is watched by `ClientSockets`, for all that it carries at once. */
export class Http1Client implements Client {
  readonly request: IncomingMessage;
  readonly framing: RequestFraming;
  readonly #response: Http1Response;
  readonly #buffers: AnswerBuffers;

  constructor(request: IncomingMessage, response: Http1Response, buffers: AnswerBuffers) {
    this.request = request;
    this.#response = response;
    this.#buffers = buffers;
    this.framing = readRequestFraming(request.rawHeaders, request.httpVersionMinor);
  }

  readonly sharesConnection = false;

  get socket(): Socket {
    return this.request.socket;
  }

  get body(): IncomingMessage {
    return this.request;
  }

  trailers(): readonly string[] {
    return this.request.rawTrailers;
  }

  dropBody(): void {
    dropBody(this.request);
  }

  watch(): void {}

  bytesSent(): number {
    return this.request.socket.bytesWritten;
  }

  hold(held: boolean): void {
    if (held) this.socket.pause();
    else this.socket.resume();
  }

  gone(): boolean {
    return this.request.socket.destroyed;
  }

  begun(): boolean {
    return this.#response.headersSent;
  }

  sendContinue(): void {
    this.#response.writeContinue();
  }

  /** HTTP/1.0 knows no 1xx; a pipelined answer has to wait, and a 1xx may as well not come. */
  takesInformation(): boolean {
    const { socket, headersSent } = this.#response;
    return this.request.httpVersionMinor > 0 && socket !== null && !headersSent;
  }

  sendInformation({ status, reason }: ResponseHead, headers: readonly string[]): void {
    this.#response.socket?.write(printHead(status, reason, headers), "latin1");
  }

  writer(options: ResponseWriterOptions): AnswerWriter {
    return new ResponseWriter(this.#response, this.#buffers, options);
  }

  onceDrained(resume: () => void): void {
    this.#response.once("drain", resume);
  }

  answer(answer: Answer): void {
    sendAnswer(this.request, this.#response, answer);
  }

  beLast(): boolean {
    if (this.#response.headersSent) return false;
    this.#response.shouldKeepAlive = false;
    return true;
  }

  breakOff(): void {
    this.request.socket.destroy();
  }
}
