import type { IncomingMessage } from "node:http";
import type { Client } from "../client.ts";
import { mapRequestTrailers } from "./request-head.ts";
import type { UpstreamConnection } from "../upstream/upstream-connection.ts";

/** A request's body on its way to the app. */
export interface RequestBodyPipe {
  /** All of it was handed to the connection. */
  finished(): boolean;
  /** The connection can take more. */
  onDrain(): void;
  /** Sends nothing more; what the client still sends is dropped for a while. */
  stop(): void;
}

/** So long is read what nobody wants any more: ending a connection on unread bytes would take the answer with it. */
const unwantedBodyMs = 30_000;

/** The rest of a body whose request is answered is read and dropped; a client that goes on and on is cut off. */
export function dropBody(request: IncomingMessage): void {
  request.resume();
  const { socket } = request;
  if (request.complete || socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), unwantedBodyMs);
  timer.unref();
  const stop = () => {
    clearTimeout(timer);
    socket.off("close", stop);
  };
  // Node does not tell a request that is answered already that its socket closed
  socket.once("close", stop);
  request.once("close", stop);
}

/** Sends the body as it comes, framed as the client framed it, at the pace of the slower side. */
export function pipeRequestBody(
  client: Pick<Client, "body" | "trailers" | "dropBody">,
  connection: UpstreamConnection,
  { chunked }: { chunked: boolean },
): RequestBodyPipe {
  const { body } = client;
  let finished = false;
  const onData = (chunk: Buffer) => {
    const flowing = chunked ? writeChunk(connection, chunk) : connection.write(chunk);
    if (!flowing) body.pause();
  };
  const onEnd = () => {
    finished = true;
    if (chunked) connection.write(`0\r\n${printTrailers(mapRequestTrailers(client.trailers()))}\r\n`);
  };
  body.on("data", onData);
  body.on("end", onEnd);
  // an empty one over HTTP/2 may have ended while the app was being reached, and says so once
  if (body.readableEnded) onEnd();
  connection.corkTurn();
  return {
    finished: () => finished,
    onDrain: () => void body.resume(),
    stop() {
      body.off("data", onData);
      body.off("end", onEnd);
      client.dropBody();
    },
  };
}

/** One chunk of chunked transfer coding; false when the connection wants a pause. */
function writeChunk(connection: UpstreamConnection, chunk: Buffer): boolean {
  if (chunk.length === 0) return true;
  connection.write(`${chunk.length.toString(16)}\r\n`);
  connection.write(chunk);
  return connection.write("\r\n");
}

function printTrailers(trailers: readonly string[]): string {
  let text = "";
  for (let at = 0; at + 1 < trailers.length; at += 2) text += `${trailers[at]}: ${trailers[at + 1]}\r\n`;
  return text;
}
