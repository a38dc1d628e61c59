import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex, Readable } from "node:stream";
import type { Answer } from "./answers/answer.ts";
import type { Cuttable } from "./traffic/open-traffic.ts";
import type { ResponseHead } from "./upstream/parse-response-head.ts";
import type { RequestFraming } from "./forward/request-framing.ts";
import type { AnswerWriter, ResponseWriterOptions } from "./forward/response-writer.ts";

/** The head of a request, in the shape of Node's own; where HTTP/2 has a pseudo-header, HTTP/1.1's header stands. */
export type ClientRequest = Readonly<Pick<IncomingMessage, "method" | "url" | "rawHeaders" | "headers">>;

/** Who asks, whichever protocol it speaks. */
interface ClientSide {
  readonly request: ClientRequest;
  readonly framing: RequestFraming;
  /** The connection that brought it, perhaps along with others. */
  readonly socket: Socket;
  /** Others may be under way on its connection at the same time, however many connections are allowed. */
  readonly sharesConnection: boolean;
  /** `item` is cut when the client leaves; it may be at once. */
  watch(item: Cuttable): void;
  /** Bytes written to it so far: on its connection, or, in HTTP/2, of its stream's body. */
  bytesSent(): number;
  /** It has left, or was broken off: nothing can be sent. */
  gone(): boolean;
  /** Stops reading from it, or goes on, where its connection is its own. */
  hold(held: boolean): void;
  /** Sends a whole answer of our own, as the last that it gets. */
  answer(answer: Answer): void;
  /** Ends what was begun in a way that cannot be taken for a proper end. */
  breakOff(): void;
}

/** The client's side of one request and its answer. */
export interface Client extends ClientSide {
  readonly body: Readable;
  /** Of the request, once its body ended. */
  trailers(): readonly string[];
  /** Nobody wants the rest of the body. */
  dropBody(): void;
  /** The answer says that the connection ends with it; false when it has begun, or others share the connection. */
  beLast(): boolean;
  /** The head of a final answer was sent. */
  begun(): boolean;
  sendContinue(): void;
  /** Whether a 1xx may be sent now. */
  takesInformation(): boolean;
  sendInformation(head: ResponseHead, headers: readonly string[]): void;
  writer(options: ResponseWriterOptions): AnswerWriter;
  /** Calls back when more may be written. */
  onceDrained(resume: () => void): void;
}

/** The client's side of a request to switch protocols. */
export interface SwitchingClient extends ClientSide {
  /** Both directions, once joined; before that what the client sends too early. */
  readonly duplex: Duplex;
  /** What came behind the request's head, and is not in `duplex` any more. */
  readonly early: Buffer;
  /** False when the app's switch is not an answer to what the client asked. */
  agrees(head: ResponseHead): boolean;
  /** Joined by 101; any other answer goes on with `write` and ends with `finish`. The request may be forgotten then. */
  sendHead(head: ResponseHead, headers: string[]): void;
  /** A piece of an answer's body; false when the client wants a pause. */
  write(bytes: Buffer): boolean;
  /** Sends an end, also of a joined direction. */
  finish(): void;
}
