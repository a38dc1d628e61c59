import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import type { GatewayOptions } from "../../../src/gateway/gateway.ts";
import { createByteReader } from "./byte-reader.ts";
import type { ByteReader } from "./byte-reader.ts";
import { requestTo, startPreview } from "./fixture.ts";
import type { Preview } from "./fixture.ts";
import type { UpstreamPeer, UpstreamRequest } from "./scripted-upstream.ts";
import { connectHttp2, fixedCertificates } from "./tls-preview.ts";

/** A client's side of a WebSocket that the app agreed to; what is in it is up to the test. */
export interface Tunnel extends ByteReader {
  readonly duplex: Duplex;
  /** What the app agreed to, of `Sec-WebSocket-Extensions`. */
  readonly extensions: string | undefined;
  write(bytes: Buffer): void;
  /** Ends this direction alone. */
  end(): void;
  reset(): void;
}

export interface TunnelOptions {
  readonly extensions?: string;
  /** Sent along with the request, before any answer; one character a byte. */
  readonly early?: string;
}

/** A way in. */
export interface Front {
  readonly name: string;
  readonly gateway: Partial<GatewayOptions>;
  open(place: Pick<Preview, "harness" | "link">, options?: TunnelOptions): Promise<Tunnel>;
}

const key = "dGhlIHNhbXBsZSBub25jZQ==";

const http1: Front = {
  name: "HTTP/1.1",
  gateway: {},
  async open({ harness, link }, { extensions, early } = {}) {
    const client = await harness.connect();
    const lines = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
    if (extensions !== undefined) lines.push(`Sec-WebSocket-Extensions: ${extensions}`);
    client.write(requestTo(link, "/socket", ...lines, `Sec-WebSocket-Key: ${key}`));
    if (early !== undefined) client.write(early);
    const head = await client.head();
    if (head.status !== 101) throw new Error(`answered ${head.line}`);
    const { socket } = client;
    const agreed = head.header("sec-websocket-extensions");
    const reset = () => void socket.resetAndDestroy();
    return { ...client, duplex: socket, extensions: agreed, end: () => void socket.end(), reset };
  },
};

const http2: Front = {
  name: "HTTP/2",
  gateway: { certificates: fixedCertificates(), publicScheme: "https" },
  async open(place, { extensions, early } = {}) {
    const session = await connectHttp2(place);
    const asked = { ":method": "CONNECT", ":protocol": "websocket", ":path": "/socket", "sec-websocket-version": "13" };
    const offer = extensions === undefined ? {} : { "sec-websocket-extensions": extensions };
    const stream = session.request({ ...asked, ...offer }, { endStream: false });
    const answered = once(stream, "response");
    const reader = createByteReader(stream);
    if (early !== undefined) stream.write(early, "latin1");
    const [head] = (await answered) as [{ ":status": number; "sec-websocket-extensions"?: string }];
    if (head[":status"] !== 200) throw new Error(`answered ${head[":status"]}`);
    return {
      ...reader,
      duplex: stream,
      extensions: head["sec-websocket-extensions"],
      write: (bytes) => void stream.write(bytes),
      end: () => void stream.end(),
      reset: () => stream.close(8),
    };
  },
};

export const fronts: readonly Front[] = [http1, http2];

/** Agrees to a WebSocket; `first` leaves with the head. */
export function agree(peer: UpstreamPeer, request: UpstreamRequest, ...[first = "", ...lines]: string[]): void {
  const accept = createHash("sha1")
    .update(`${request.header("sec-websocket-key")}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  peer.write([...head, `Sec-WebSocket-Accept: ${accept}`, ...lines, "", first].join("\r\n"));
}

/** Both ends of a WebSocket through a gateway. */
export interface Joined extends Preview {
  readonly client: Tunnel;
  readonly app: UpstreamPeer;
}

/** Opens a WebSocket to an app that agrees with these header lines, and says `first` with them. */
export async function join(
  front: Front,
  {
    early,
    first = "",
    lines = [],
  }: { readonly early?: string; readonly first?: string; lines?: readonly string[] } = {},
): Promise<Joined> {
  let onPeer = (_peer: UpstreamPeer): void => {};
  const app = new Promise<UpstreamPeer>((resolve) => (onPeer = resolve));
  const preview = await startPreview(
    (peer, request) => {
      agree(peer, request, first, ...lines);
      onPeer(peer);
      // what follows is the test's to read
      return new Promise(() => {});
    },
    { gateway: front.gateway },
  );
  const client = await front.open(preview, early === undefined ? {} : { early });
  return { ...preview, client, app: await app };
}
