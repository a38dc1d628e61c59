import { createHash } from "node:crypto";
import { constants } from "node:http2";
import type { ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { SwitchingClient } from "../client.ts";
import { findHeader } from "../forward/header-names.ts";
import { breakStream, isGone, watchStream } from "./http2-client.ts";
import type { Http2Head } from "./read-head.ts";
import { endsWithHead, sendHead, sendHttp2Answer } from "./send-head.ts";

/** A client whose side of a WebSocket we have ended gets this long to end its own. */
const lingerMs = 2_000;

export interface SwitchingStream {
  readonly stream: ServerHttp2Stream;
  readonly head: Http2Head;
  readonly socket: Socket;
  /** What we sent the app as the key of the handshake. */
  readonly key: string;
}

/** A WebSocket in a stream of HTTP/2 (RFC 8441); the app is asked for it by HTTP/1.1. */
export function http2SwitchingClient({ stream, head, socket, key }: SwitchingStream): SwitchingClient {
  const { request, framing } = head;
  const { method } = request;
  let bytesSent = 0;
  let joined = false;
  let bodiless = false;
  /** Nobody wants what the client still sends. */
  const refuseRest = () => {
    stream.resume();
    stream.once("finish", () => stream.close(constants.NGHTTP2_NO_ERROR));
  };
  return {
    request,
    framing,
    socket,
    sharesConnection: true,
    duplex: stream,
    early: Buffer.alloc(0),
    watch: (item) => watchStream(stream, item),
    bytesSent: () => bytesSent,
    // the connection serves others; flow control holds this stream
    hold() {},
    gone: () => socket.destroyed || isGone(stream),
    agrees: ({ headers }) => findHeader(headers, "sec-websocket-accept") === acceptOf(key),
    sendHead({ status }, headers) {
      if (isGone(stream)) return;
      joined = status === 101;
      bodiless = !joined && endsWithHead(method, status);
      const sent = joined ? { status: 200, headers: without(headers, "sec-websocket-accept") } : { status, headers };
      sendHead(stream, { ...sent, method });
    },
    write(bytes) {
      if (bodiless || stream.destroyed || stream.writableEnded) return true;
      bytesSent += bytes.length;
      return stream.write(bytes);
    },
    finish() {
      if (stream.destroyed) return;
      if (!joined) refuseRest();
      stream.end();
      if (joined) setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), lingerMs).unref();
    },
    answer(answer) {
      sendHttp2Answer(stream, request, answer);
      refuseRest();
    },
    breakOff: () => breakStream(stream),
  };
}

/** RFC 6455, 4.2.2. */
function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

function without(headers: readonly string[], name: string): string[] {
  return headers.filter((_part, at) => headers[at - (at % 2)]?.toLowerCase() !== name);
}
