import { constants } from "node:http2";
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
  OutgoingHttpHeaders,
} from "node:http2";

export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders & IncomingHttpStatusHeader;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders;
  /** 1xx that came before. */
  readonly informational: IncomingHttpHeaders[];
  /** How the stream ended: 0 for properly. */
  readonly code: number;
}

/** Sends one request and collects what comes, until the stream is closed in whatever way. */
export function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  send?: (stream: ClientHttp2Stream) => void,
): Promise<Http2Answer> {
  const stream = session.request(headers, { endStream: send === undefined });
  const answer = answerOf(stream);
  send?.(stream);
  return answer;
}

export function answerOf(stream: ClientHttp2Stream): Promise<Http2Answer> {
  const chunks: Buffer[] = [];
  const informational: IncomingHttpHeaders[] = [];
  let head: Http2Answer["headers"] = {};
  let trailers: IncomingHttpHeaders = {};
  stream.on("headers", (more) => informational.push(more));
  stream.on("response", (response) => (head = response));
  stream.on("trailers", (last) => (trailers = last));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  // the code tells
  stream.on("error", () => {});
  return new Promise((resolve) => {
    stream.on("close", () =>
      resolve({
        status: head[":status"] ?? 0,
        headers: head,
        body: Buffer.concat(chunks),
        trailers,
        informational,
        code: stream.rstCode ?? constants.NGHTTP2_NO_ERROR,
      }),
    );
  });
}
