import type { ByteReader } from "./byte-reader.ts";

/** One frame of RFC 6455, 5.2, whether it makes sense or not. */
export interface WebSocketFrame {
  readonly opcode: number;
  readonly payload: Buffer;
  /** Last of its message; default true. */
  readonly fin?: boolean;
  /** The three reserved bits, RSV1 as 4; default 0. */
  readonly reserved?: number;
}

export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** Bytes of a frame; `key` masks it, as a client must. */
export function printFrame({ opcode, payload, fin = true, reserved = 0 }: WebSocketFrame, key?: Buffer): Buffer {
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = key === undefined ? 0 : 0x80;
  const head = Buffer.concat([Buffer.from([first]), printLength(payload.length, mask), key ?? Buffer.alloc(0)]);
  return Buffer.concat([head, key === undefined ? payload : masked(payload, key)]);
}

function printLength(length: number, mask: number): Buffer {
  if (length < 126) return Buffer.from([mask | length]);
  const long = length > 0xffff;
  const bytes = Buffer.alloc(long ? 9 : 3);
  bytes[0] = mask | (long ? 127 : 126);
  if (long) bytes.writeBigUInt64BE(BigInt(length), 1);
  else bytes.writeUInt16BE(length, 1);
  return bytes;
}

function masked(payload: Buffer, key: Buffer): Buffer {
  const bytes = Buffer.from(payload);
  for (let at = 0; at < bytes.length; at++) bytes[at] = bytes[at]! ^ key[at & 3]!;
  return bytes;
}

/** The payload of a close frame. */
export function printClose(code: number, reason = ""): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
}

/** Reads the next frame; it must not be masked. */
export async function readFrame(reader: Pick<ByteReader, "take">): Promise<Required<WebSocketFrame>> {
  const take = async (length: number) => Buffer.from(await reader.take(length), "latin1");
  const [first = 0, second = 0] = await take(2);
  let length = second & 0x7f;
  if (length === 126) length = (await take(2)).readUInt16BE();
  else if (length === 127) length = Number((await take(8)).readBigUInt64BE());
  const payload = await take(length);
  return { opcode: first & 0xf, payload, fin: (first & 0x80) !== 0, reserved: (first >> 4) & 7 };
}
