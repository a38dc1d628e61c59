const ping = 0x9;
const pong = 0xa;
/** Longest that such a frame may carry (RFC 6455, 5.5). */
const maxLength = 125;

/**
 * Whether what came in one piece is a single ping or pong of the WebSocket protocol: it shows that the socket is open,
 * and no more. They come alone; one that does not is taken for more than it is, which does no harm.
 */
export function isKeepAlive(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  const opcode = first & 0x0f;
  if (opcode !== ping && opcode !== pong) return false;
  const length = second & 0x7f;
  return length <= maxLength && bytes.length === 2 + (second > 0x7f ? 4 : 0) + length;
}
