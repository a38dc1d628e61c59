import { expect } from "vitest";

export const megabyte = 1024 * 1024;
const piece = Buffer.alloc(64 * 1024, "0123456789abcdef");

/** Resolves once what it counts has come, and comes no further. */
export async function halted(count: () => number): Promise<void> {
  let before = -1;
  const stands = () => {
    const now = count();
    const same = now > 0 && now === before;
    before = now;
    return same;
  };
  await expect.poll(stands, { interval: 200, timeout: 10_000 }).toBe(true);
}

/** Sends so much at the pace of whoever reads it; tells how much went out. */
export function pump(total: number, write: (bytes: Buffer) => boolean, drained: () => Promise<unknown>): () => number {
  let sent = 0;
  const run = async () => {
    while (sent < total) {
      sent += piece.length;
      if (!write(piece)) await drained();
    }
  };
  // the connection ends with the test
  run().catch(() => {});
  return () => sent;
}
