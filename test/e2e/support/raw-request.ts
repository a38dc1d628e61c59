import { request } from "node:http";
import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { Answer } from "./plane-process.ts";

export interface RawRequest {
  /** Of a listener on 127.0.0.1. */
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  /** `host` names whom the request is for; the address is loopback all the same. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Keeps the connection; without one each request has its own. */
  readonly agent?: Agent;
}

/** A request with whatever head: browsers and fetch would refuse to send some of them. */
export function rawRequest(options: RawRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = open(options, options.headers ?? {});
    outgoing.once("response", (response) => void readAnswer(response).then(resolve, reject));
    outgoing.once("error", reject);
    outgoing.end(options.body);
  });
}

/** Asks for a WebSocket. The answer to a granted one is 101, and what the other side says first. */
export function rawUpgrade(options: RawRequest): Promise<Answer> {
  const asking = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
  const headers = { ...options.headers, ...asking, "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };
  return new Promise((resolve, reject) => {
    const outgoing = open(options, headers);
    outgoing.once("response", (response) => void readAnswer(response).then(resolve, reject));
    outgoing.once("upgrade", (response, socket, head) => {
      const done = (body: string) => {
        socket.destroy();
        resolve({ status: 101, headers: response.headers, body });
      };
      if (head.length > 0) return done(head.toString("latin1"));
      socket.once("data", (chunk: Buffer) => done(chunk.toString("latin1")));
      socket.once("close", () => done(""));
    });
    outgoing.once("error", reject);
    outgoing.end();
  });
}

function open({ port, method = "GET", path = "/", agent }: RawRequest, headers: Record<string, string>): ClientRequest {
  return request({ host: "127.0.0.1", port, method, path, headers, agent: agent ?? false });
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
