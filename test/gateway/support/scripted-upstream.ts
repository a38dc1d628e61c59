import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { createByteReader } from "./byte-reader.ts";
import type { ByteReader } from "./byte-reader.ts";
import { parseHead } from "./raw-client.ts";
import type { RawHead } from "./raw-client.ts";

export interface UpstreamRequest extends Omit<RawHead, "status"> {
  /** Head as received, with its empty line. */
  readonly text: string;
  /** 0 for the first request of its connection. */
  readonly index: number;
}

export interface UpstreamPeer extends ByteReader {
  readonly socket: Socket;
  write(data: string | Buffer): void;
  end(data?: string): void;
}

/** What it resolves to is of no interest; the next request is read once it did. */
export type Script = (peer: UpstreamPeer, request: UpstreamRequest) => unknown;

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
    // a moment for the script's last words
    socket.on("end", () => setTimeout(() => socket.end(), 50));
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
      const text = await reader.next("\r\n\r\n");
      if (text === undefined) return;
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
