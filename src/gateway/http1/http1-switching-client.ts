import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Answer } from "../answers/answer.ts";
import { hasBody } from "../upstream/body-reader.ts";
import type { SwitchingClient } from "../client.ts";
import type { ResponseHead } from "../upstream/parse-response-head.ts";
import { readRequestFraming } from "../forward/request-framing.ts";
import { linger, printHead, sendLastAnswer } from "../answers/send-answer.ts";

/** A request of HTTP/1.1 to switch protocols: its socket is nobody else's any more. */
export function http1SwitchingClient(request: IncomingMessage, socket: Socket, early: Buffer): SwitchingClient {
  let chunked = false;
  socket.setTimeout(0);
  socket.setNoDelay(true);
  return {
    request,
    framing: readRequestFraming(request.rawHeaders, request.httpVersionMinor),
    socket,
    sharesConnection: false,
    duplex: socket,
    early,
    watch() {},
    bytesSent: () => socket.bytesWritten,
    hold: (held) => void (held ? socket.pause() : socket.resume()),
    gone: () => socket.destroyed,
    // the browser itself knows which key it sent
    agrees: () => true,
    sendHead(head, headers) {
      const joins = head.status === 101;
      chunked = !joins && head.chunked && takesChunks(request, head);
      if (joins) headers.push("Connection", "Upgrade", "Upgrade", head.upgrade ?? "websocket");
      else headers.push("Connection", "close");
      if (chunked) headers.push("Transfer-Encoding", "chunked");
      socket.write(printHead(head.status, head.reason, headers), "latin1");
    },
    write(bytes) {
      if (!chunked) return socket.write(bytes);
      socket.write(`${bytes.length.toString(16)}\r\n`, "latin1");
      socket.write(bytes);
      return socket.write("\r\n");
    },
    finish() {
      if (chunked) socket.write("0\r\n\r\n");
      socket.end();
      linger(socket);
    },
    answer: (answer: Answer) => sendLastAnswer(socket, answer),
    breakOff: () => void socket.destroy(),
  };
}

function takesChunks({ method = "GET", httpVersionMinor }: IncomingMessage, head: ResponseHead): boolean {
  return httpVersionMinor > 0 && hasBody(head, method);
}
