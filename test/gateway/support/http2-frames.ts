import { once } from "node:events";
import { connect } from "node:tls";
import type { TLSSocket } from "node:tls";
import { closing } from "./fixture.ts";

export const frameTypes = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  continuation: 9,
} as const;
export const flags = { endStream: 1, endHeaders: 4 } as const;

export interface Frame {
  readonly type: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A client that sends frames as they are, lawful or not. */
export interface FrameClient {
  readonly socket: TLSSocket;
  send(type: number, flagBits: number, stream: number, payload?: Buffer): void;
  /** The next frame for which this holds; undefined when the connection ended before. */
  next(wanted: (frame: Frame) => boolean): Promise<Frame | undefined>;
}

export async function connectFrames(port: number): Promise<FrameClient> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols: ["h2"] });
  closing({ close: async () => void socket.destroy() });
  await once(socket, "secureConnect");
  const frames: Frame[] = [];
  let wake = (): void => {};
  let ended = false;
  let buffered: Buffer = Buffer.alloc(0);
  const end = () => {
    ended = true;
    wake();
  };
  // a broken connection has ended, too
  socket.on("error", end).on("close", end).on("end", end);
  socket.on("data", (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 9 && buffered.length >= 9 + buffered.readUIntBE(0, 3)) {
      const length = buffered.readUIntBE(0, 3);
      const stream = buffered.readUInt32BE(5) & 0x7fffffff;
      frames.push({ type: buffered[3]!, stream, payload: buffered.subarray(9, 9 + length) });
      buffered = buffered.subarray(9 + length);
    }
    wake();
  });
  const send: FrameClient["send"] = (type, flagBits, stream, payload = Buffer.alloc(0)) => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flagBits, 4);
    head.writeUInt32BE(stream, 5);
    if (socket.writable) socket.write(Buffer.concat([head, payload]));
  };
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  send(frameTypes.settings, 0, 0);
  return {
    socket,
    send,
    async next(wanted) {
      for (;;) {
        const at = frames.findIndex(wanted);
        if (at !== -1) return frames.splice(at, 1)[0];
        if (ended) return undefined;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

/** A header block of literals, never indexed: what HPACK itself cannot refuse. */
export function headerBlock(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(fields.map(([name, value]) => Buffer.concat([Buffer.of(0x10), text(name), text(value)])));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([integer(bytes.length), bytes]);
}

/** With a prefix of seven bits (RFC 7541, 5.1). */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return Buffer.of(...bytes, rest);
}
