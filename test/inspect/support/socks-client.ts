import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";

/** A connection through a SOCKS 5 proxy to a name, and what the proxy answered (0: it stands). */
export async function dialThrough(
  proxyPort: number,
  host: string,
  port: number,
): Promise<{ socket: Socket; reply: number }> {
  const socket = connect(proxyPort, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(Buffer.of(5, 1, 0));
  expectBytes(await take(socket, 2), [5, 0]);
  const name = Buffer.from(host, "latin1");
  const portBytes = Buffer.of(port >> 8, port & 0xff);
  socket.write(Buffer.concat([Buffer.of(5, 1, 0, 3, name.length), name, portBytes]));
  const answer = await take(socket, 10);
  return { socket, reply: answer[1]! };
}

async function take(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(length) as Buffer | null;
    if (bytes !== null) return bytes;
    await once(socket, "readable");
  }
}

function expectBytes(actual: Buffer, expected: readonly number[]): void {
  if (!actual.equals(Buffer.from(expected))) throw new Error(`the proxy said ${actual.toString("hex")}`);
}

/** Everything that comes until the other side ends. */
export async function readAll(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket.setEncoding("utf8")) text += String(chunk);
  return text;
}
