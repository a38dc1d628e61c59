import type { Duplex } from "node:stream";

/** Reads a socket or stream piece by piece; everything as latin1 text, one character a byte. */
export interface ByteReader {
  /** Everything up to and including `mark`. Rejects when the socket closes before. */
  until(mark: string): Promise<string>;
  /** The same without a deadline; undefined when the stream ends first. */
  next(mark: string): Promise<string | undefined>;
  take(length: number): Promise<string>;
  /** Everything up to the end of the stream. */
  rest(): Promise<string>;
  /** What has arrived and was not taken. */
  waiting(): string;
  /** Resolves once the socket is closed; true when it was reset or broke. */
  closed(): Promise<boolean>;
  /** Resolves once the other side ended its stream, or the socket closed. */
  ended(): Promise<void>;
}

export const patienceMs = 10_000;

export function createByteReader(socket: Duplex): ByteReader {
  let text = "";
  let ended = false;
  let broken = false;
  let closed = false;
  const waiters = new Set<() => void>();
  const wake = () => {
    for (const waiter of waiters) waiter();
  };
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    wake();
  });
  socket.on("end", () => {
    ended = true;
    wake();
  });
  socket.on("error", () => {
    broken = true;
  });
  socket.on("close", () => {
    closed = true;
    ended = true;
    wake();
  });

  /** Waits until `probe` gives something else than undefined; for ever when nothing says for what. */
  function wait<T>(what: string | undefined, probe: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        waiters.delete(check);
        reject(new Error(`waited ${patienceMs} ms for ${what}; have ${JSON.stringify(text.slice(0, 300))}`));
      };
      const timer = what === undefined ? undefined : setTimeout(giveUp, patienceMs);
      const finish = () => {
        clearTimeout(timer);
        waiters.delete(check);
      };
      const check = () => {
        try {
          const result = probe();
          if (result === undefined) return;
          finish();
          resolve(result);
        } catch (error) {
          finish();
          reject(error);
        }
      };
      waiters.add(check);
      check();
    });
  }

  const cut = (length: number) => {
    const part = text.slice(0, length);
    text = text.slice(length);
    return part;
  };

  return {
    until: (mark) =>
      wait(JSON.stringify(mark), () => {
        const at = text.indexOf(mark);
        if (at !== -1) return cut(at + mark.length);
        if (ended) throw new Error(`ended before ${JSON.stringify(mark)}; have ${JSON.stringify(text)}`);
        return undefined;
      }),
    next: async (mark) => {
      const found = await wait(undefined, () => (text.includes(mark) || ended ? text.indexOf(mark) : undefined));
      return found === -1 ? undefined : cut(found + mark.length);
    },
    take: (length) =>
      wait(`${length} bytes`, () => {
        if (text.length >= length) return cut(length);
        if (ended) throw new Error(`ended before ${length} bytes; have ${JSON.stringify(text)}`);
        return undefined;
      }),
    rest: () => wait("the end", () => (ended ? cut(text.length) : undefined)),
    waiting: () => text,
    closed: () => wait("close", () => (closed ? broken : undefined)),
    ended: () => wait("end", () => (ended ? null : undefined)).then(() => undefined),
  };
}
