import type { Socket } from "node:net";

/** Reads a given number of bytes of a paused socket, leaving the rest; rejects when it ends before. */
export function readExactly(socket: Socket, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const attempt = () => {
      const bytes: unknown = socket.read(length);
      // what is left of an ended stream may be shorter than asked for
      if (!Buffer.isBuffer(bytes)) return;
      settle();
      if (bytes.length === length) resolve(bytes);
      else reject(new Error("the peer sent less than it announced"));
    };
    const onEnd = () => {
      settle();
      reject(new Error("the peer hung up"));
    };
    const settle = () => {
      socket.off("readable", attempt).off("end", onEnd).off("close", onEnd);
    };
    socket.on("readable", attempt).on("end", onEnd).on("close", onEnd);
    attempt();
  });
}
