import { constants } from "node:http2";
import type { ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { answers } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import type { Client, ClientRequest } from "../client.ts";
import type { Cuttable } from "../traffic/open-traffic.ts";
import type { ResponseHead } from "../upstream/parse-response-head.ts";
import type { RequestFraming } from "../forward/request-framing.ts";
import type { AnswerWriter, ResponseWriterOptions } from "../forward/response-writer.ts";
import { Http2Writer } from "./http2-writer.ts";
import type { Http2Head } from "./read-head.ts";
import { http2Fields, sendHttp2Answer } from "./send-head.ts";

/** A request in a stream of HTTP/2: it begins, ends and breaks without touching the others of its connection. */
export class Http2Client implements Client {
  readonly request: ClientRequest;
  readonly framing: RequestFraming;
  readonly socket: Socket;
  readonly sharesConnection = true;
  readonly body: ServerHttp2Stream;
  #trailers: readonly string[] = [];
  #writer: Http2Writer | undefined;

  constructor(stream: ServerHttp2Stream, { request, framing }: Http2Head, socket: Socket) {
    this.body = stream;
    this.request = request;
    this.framing = framing;
    this.socket = socket;
    stream.on("trailers", (_headers, _flags, rawTrailers?: string[]) => {
      this.#trailers = rawTrailers ?? [];
    });
    // an end that nobody reads would keep the stream
    if (framing.body === "none") stream.resume();
  }

  trailers(): readonly string[] {
    return this.#trailers;
  }

  /** Behind the answer the rest is refused for good (RFC 9113, 8.1); until then it may come to its end. */
  dropBody(): void {
    const stream = this.body;
    const refuse = () => stream.close(constants.NGHTTP2_NO_ERROR);
    stream.resume();
    if (stream.endAfterHeaders || stream.readableEnded) return;
    // an answer without a body has not left yet: a reset may overtake it
    if (stream.writableFinished) setImmediate(refuse);
    else stream.once("finish", refuse);
  }

  watch(item: Cuttable): void {
    watchStream(this.body, item);
  }

  bytesSent(): number {
    return this.#writer?.bytesSent ?? 0;
  }

  /** The connection serves others; flow control holds this stream. */
  hold(): void {}

  gone(): boolean {
    return this.socket.destroyed || isGone(this.body);
  }

  begun(): boolean {
    return this.body.headersSent;
  }

  sendContinue(): void {
    if (!this.gone()) this.body.additionalHeaders({ ":status": 100 });
  }

  takesInformation(): boolean {
    return !this.gone() && !this.begun();
  }

  sendInformation({ status }: ResponseHead, headers: readonly string[]): void {
    this.body.additionalHeaders({ ...http2Fields(headers), ":status": status });
  }

  writer({ origins }: ResponseWriterOptions): AnswerWriter {
    return (this.#writer = new Http2Writer(this.body, this.request.method, origins));
  }

  onceDrained(resume: () => void): void {
    this.body.once("drain", resume);
  }

  answer(answer: Answer): void {
    sendHttp2Answer(this.body, this.request, answer);
    this.dropBody();
  }

  /** GOAWAY says it for all streams. */
  beLast(): boolean {
    return false;
  }

  breakOff(): void {
    breakStream(this.body);
  }
}

/** Not `close`, which ends what is written with END_STREAM before it resets: a torso would pass for the whole. */
export function breakStream(stream: ServerHttp2Stream): void {
  stream.destroy(new Error("the answer broke off"));
}

export function isGone(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed || stream.aborted;
}

/** A reset is told by `aborted` first: a stream that was reset also seems to end as if all had come. */
export function watchStream(stream: ServerHttp2Stream, item: Cuttable): void {
  if (isGone(stream)) return item.cut(answers.gone);
  const cut = () => item.cut(answers.gone);
  stream.once("aborted", cut).once("close", cut);
}
