import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Message } from "./wire.ts";

export interface StdioProcess {
  send(message: Message): void;
  /** The answer to the request with this id. */
  answer(id: number): Promise<Message>;
  /** Ends stdin and waits for the exit. */
  end(): Promise<{ code: number | null; stderr: string }>;
  /** Every line of stdout so far. */
  readonly lines: readonly string[];
  kill(): void;
}

/** A stdio server as a bare process, spoken to line by line. */
export function startStdioProcess(script: string): StdioProcess {
  const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "pipe"] });
  const stderr = text(child.stderr);
  const lines: string[] = [];
  const answers = new Map<number, PromiseWithResolver>();
  const waiterFor = (id: number) => {
    const known = answers.get(id) ?? createResolver();
    answers.set(id, known);
    return known;
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    const message = JSON.parse(line) as Message;
    if (message.id !== undefined) waiterFor(message.id).resolve(message);
  });
  return {
    lines,
    send: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    answer: (id) => waiterFor(id).promise,
    async end() {
      const exited = once(child, "exit");
      child.stdin.end();
      const [code] = (await exited) as [number | null];
      return { code, stderr: await stderr };
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

interface PromiseWithResolver {
  readonly promise: Promise<Message>;
  resolve(message: Message): void;
}

function createResolver(): PromiseWithResolver {
  let resolve: (message: Message) => void = () => undefined;
  const promise = new Promise<Message>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: (message) => resolve(message) };
}
