import { clearLine, cursorTo } from "node:readline";
import type { WriteStream } from "node:tty";
import { stripVTControlCharacters } from "node:util";

/** Tells a person what is being waited for, on stderr. */
export interface Progress {
  tell(message: string): void;
  /** A line that stays. */
  note(message: string): void;
  /** Takes the live line away; idempotent. */
  end(): void;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 100;

/** One live line on a terminal; elsewhere one plain line per message. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? liveLine(stream) : plainLines(stream);
}

function plainLines(stream: NodeJS.WriteStream): Progress {
  let last = "";
  return {
    tell(message) {
      if (message === last) return;
      last = message;
      stream.write(`${stripVTControlCharacters(message)}\n`);
    },
    note: (message) => void stream.write(`${stripVTControlCharacters(message)}\n`),
    end() {},
  };
}

function liveLine(stream: WriteStream): Progress {
  let timer: NodeJS.Timeout | undefined;
  let message = "";
  let frame = 0;
  const startedAt = performance.now();
  const draw = () => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const line = `${frames[frame++ % frames.length]} ${message} (${seconds} s)`;
    cursorTo(stream, 0);
    // A line that wraps could not be taken away again.
    stream.write(line.slice(0, Math.max(10, stream.columns - 1)));
    clearLine(stream, 1);
  };
  const end = () => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    cursorTo(stream, 0);
    clearLine(stream, 0);
  };
  return {
    tell(text) {
      message = stripVTControlCharacters(text);
      timer ??= setInterval(draw, frameMs);
      draw();
    },
    note(text) {
      end();
      stream.write(`${stripVTControlCharacters(text)}\n`);
    },
    end,
  };
}
