import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";
import type { ServerConnection } from "../../../../src/db/target.ts";

/** A way to a database that notes every statement which passes. */
export interface StatementCounter {
  readonly url: string;
  /** What was executed while `work` ran, in order. */
  during(work: () => Promise<unknown>): Promise<string[]>;
  close(): Promise<void>;
}

/** Listens on a loopback port in front of a server on a Unix socket. */
export async function countStatements({ host, port, user, database }: ServerConnection): Promise<StatementCounter> {
  const executed: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(`${host}/.s.PGSQL.${port}`);
    const note = createMessageReader((statement) => void executed.push(statement));
    client.on("data", (bytes: Buffer) => note(bytes));
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // the other side is told by the end of its own stream
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
        sockets.delete(socket);
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `postgres://${user}@127.0.0.1:${(server.address() as AddressInfo).port}/${database}`,
    async during(work) {
      const from = executed.length;
      await work();
      return executed.slice(from);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Reads what a client of Postgres sends: a start packet without a type, then messages of type, length and content. */
function createMessageReader(onExecute: (statement: string) => void): (bytes: Buffer) => void {
  const statements = new Map<string, string>();
  let rest: Buffer = Buffer.alloc(0);
  let started = false;
  let bound = "";
  const texts = (content: Buffer) => content.toString("utf8").split("\0");
  const read = (type: string, content: Buffer): void => {
    const [first = "", second = ""] = texts(content);
    if (type === "P") statements.set(first, second.replaceAll(/\s+/g, " ").trim());
    if (type === "B") bound = statements.get(second) ?? "";
    if (type === "E") onExecute(bound);
    if (type === "Q") onExecute(first);
  };
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const head = started ? 1 : 0;
      if (rest.length < head + 4) return;
      const end = head + rest.readUInt32BE(head);
      if (rest.length < end) return;
      if (started) read(String.fromCharCode(rest[0]!), rest.subarray(5, end));
      started = true;
      rest = rest.subarray(end);
    }
  };
}
