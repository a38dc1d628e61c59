import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { createByteReader } from "./byte-reader.ts";
import type { ByteReader } from "./byte-reader.ts";
import { parseHead } from "./raw-client.ts";

export interface UpstreamRequest {
  readonly line: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Head as received, with its empty line. */
  readonly text: string;
  header(name: string): string | undefined;
  headerAll(name: string): string[];
  /** 0 for the first request of its connection. */
  readonly index: number;
}

export interface UpstreamPeer extends ByteReader {
  readonly socket: Socket;
  write(data: string | Buffer): void;
  end(data?: string): void;
}

export type Script = (peer: UpstreamPeer, request: UpstreamRequest) => Promise<void> | void;

/** A server that says exactly what a test wants said, byte by byte. */
export interface ScriptedUpstream {
  readonly port: number;
  /** Heads received, in order. */
  readonly requests: UpstreamRequest[];
  /** Connections accepted so far. */
  connections(): number;
  /** Sockets that are open now. */
  open(): number;
  script(next: Script): void;
  close(): Promise<void>;
}

export const ok = (body = "ok", headers = "") =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;

export async function startUpstream(script: Script = (peer) => peer.write(ok())): Promise<ScriptedUpstream> {
  let current = script;
  let connections = 0;
  const requests: UpstreamRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("end", () => socket.end());
    void serve(socket, requests, (peer, request) => current(peer, request));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => connections,
    open: () => sockets.size,
    script: (next) => {
      current = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function serve(socket: Socket, requests: UpstreamRequest[], script: Script): Promise<void> {
  const reader = createByteReader(socket);
  const peer: UpstreamPeer = {
    ...reader,
    socket,
    write: (data) => void (typeof data === "string" ? socket.write(data, "latin1") : socket.write(data)),
    end: (data) => void (data === undefined ? socket.end() : socket.end(data, "latin1")),
  };
  try {
    for (let index = 0; ; index++) {
      const text = await untilHead(reader, socket);
      const { line, headers, header, headerAll } = parseHead(text);
      const request = { line, headers, header, headerAll, text, index };
      requests.push(request);
      await script(peer, request);
    }
  } catch {
    // the gateway closed the connection, which ends this loop; what it sent is what tests look at
    socket.destroy();
  }
}

/** Waits for the next head as long as the connection lives. */
async function untilHead(reader: ByteReader, socket: Socket): Promise<string> {
  while (!reader.waiting().includes("\r\n\r\n")) {
    if (socket.destroyed || socket.readableEnded) throw new Error("closed");
    await Promise.race([once(socket, "data"), once(socket, "end"), once(socket, "close")]);
  }
  return reader.until("\r\n\r\n");
}
