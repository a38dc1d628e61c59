import { EventEmitter, once } from "node:events";
import { createConnection } from "node:net";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { UpstreamConnection } from "../../src/gateway/upstream/upstream-connection.ts";
import type { ResponseHandler } from "../../src/gateway/upstream/upstream-connection.ts";
import { startBareListener } from "./support/bare-listener.ts";
import { closing } from "./support/fixture.ts";
import { connectRaw } from "./support/raw-client.ts";
import { ok, startUpstream } from "./support/scripted-upstream.ts";

test.each(["onHead", "onBody", "onEnd"] as const)(
  "a fault in %s fails its request alone, and says so",
  async (faulty) => {
    const upstream = closing(await startUpstream((peer) => peer.write(ok("body"))));
    const socket: Socket = createConnection({ port: upstream.port, host: "127.0.0.1" });
    await once(socket, "connect");
    const events = new EventEmitter();
    const faults: unknown[] = [];
    const connection = new UpstreamConnection({
      launchId: "l",
      sharedBuffer: Buffer.alloc(65_536),
      onGone: () => events.emit("gone"),
      onFault: (error) => faults.push(error),
    });
    connection.adopt(socket);
    const handler: ResponseHandler = {
      onInformation: () => {},
      onHead: () => {},
      onBody: () => {},
      onEnd: () => {},
      onReadEnd: () => {},
      onFailure: (answered) => void events.emit("failure", answered),
      onDrain: () => {},
      holdsBytes: () => false,
      [faulty]: () => {
        throw new Error("defect");
      },
    };
    const failed = once(events, "failure");
    const gone = once(events, "gone");
    connection.begin(handler, { method: "GET", upgrade: false });
    connection.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(await failed).toEqual([true]);
    await gone;
    expect(faults).toEqual([new Error("defect")]);
    expect(connection.reusable).toBe(false);
  },
);

test.each(["GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"])(
  "a fault in handling %j ends its connection alone",
  async (request) => {
    const fail = () => {
      throw new Error("defect");
    };
    const { port } = await startBareListener({ handler: { onRequest: fail, onUpgrade: fail } });
    for (let round = 0; round < 2; round++) {
      const client = await connectRaw(port);
      client.write(request);
      expect(await client.rest()).toBe("");
      client.close();
    }
  },
);
