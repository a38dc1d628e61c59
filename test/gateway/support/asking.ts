import type { ClientHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import type { GatewayOptions } from "../../../src/gateway/gateway.ts";
import { requestTo } from "./fixture.ts";
import type { Preview } from "./fixture.ts";
import { answerOf } from "./http2-ask.ts";
import { parseHead } from "./raw-client.ts";
import { connectHttp2, fixedCertificates } from "./tls-preview.ts";

/** How a request ended for its client. */
export interface Outcome {
  /** 0: there was none. */
  readonly status: number;
  /** Of an answer of the gateway's own. */
  readonly previewStatus: string | undefined;
  /** False: the client was told that the answer broke off. */
  readonly whole: boolean;
  readonly body: string;
}

/** A request under way. */
export interface Asked {
  readonly outcome: Promise<Outcome>;
  /** The connection or stream. */
  readonly duplex: Duplex;
  /** Leaves in the middle of everything, the connection included. */
  readonly leave: () => void;
}

export interface AskOptions {
  readonly method?: string;
  /** Of the body; default: there is none. */
  readonly length?: number;
}

/** A way in for requests. */
export interface AskingFront {
  readonly name: string;
  readonly gateway: Partial<GatewayOptions>;
  /** Sends the head of a request. */
  ask(place: Pick<Preview, "harness" | "link">, options?: AskOptions): Promise<Asked>;
}

const http1: AskingFront = {
  name: "HTTP/1.1",
  gateway: {},
  async ask({ harness, link }, { method = "GET", length } = {}) {
    const client = await harness.connect();
    const lines = length === undefined ? [] : [`Content-Length: ${length}`];
    client.write(requestTo(link, `${method} /`, "Connection: close", ...lines));
    const { socket } = client;
    const outcome = client.rest().then((text) => outcomeOf(text, method));
    return { outcome, duplex: socket, leave: () => void socket.resetAndDestroy() };
  },
};

/** From all that came until the connection was closed. */
function outcomeOf(text: string, method: string): Outcome {
  const stop = text.indexOf("\r\n\r\n") + 4;
  if (stop === 3) return { status: 0, previewStatus: undefined, whole: false, body: text };
  const { status, header } = parseHead(text.slice(0, stop));
  const rest = text.slice(stop);
  if (status < 200) return outcomeOf(rest, method);
  const length = header("content-length");
  const bodiless = method === "HEAD" || status === 204 || status === 304;
  const framed = length === undefined ? rest.endsWith("0\r\n\r\n") : rest.length === Number(length);
  const whole = bodiless ? rest === "" : framed;
  return { status, previewStatus: header("x-preview-status"), whole, body: rest };
}

const http2: AskingFront = {
  name: "HTTP/2",
  gateway: { certificates: fixedCertificates(), publicScheme: "https" },
  async ask(place, { method = "GET", length } = {}) {
    const session = await connectHttp2(place);
    const sized = length === undefined ? {} : { "content-length": length };
    const stream: ClientHttp2Stream = session.request(
      { ":method": method, ...sized },
      { endStream: length === undefined },
    );
    const outcome = answerOf(stream).then(({ status, headers, body, code }) => {
      const previewStatus = headers["x-preview-status"] as string | undefined;
      return { status, previewStatus, whole: code === 0, body: body.toString("latin1") };
    });
    return { outcome, duplex: stream, leave: () => session.destroy() };
  },
};

export const askingFronts: readonly AskingFront[] = [http1, http2];
