import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UpstreamMovedError } from "../../src/errors.ts";
import type { Upstream } from "../../src/sandbox/driver.ts";
import type { HeldListener } from "../../src/sandbox/process-view.ts";
import { dialAddress } from "../../src/sandbox/socket-table.ts";
import { createUpstream } from "../../src/sandbox/upstream.ts";
import type { UpstreamContext } from "../../src/sandbox/upstream.ts";
import { createSandboxFixture, fixtureServer, program, until } from "./support/sandbox-fixture.ts";
import type { Launched, SandboxFixture } from "./support/sandbox-fixture.ts";

let fixture: SandboxFixture;
let strangers: ChildProcess[];

beforeEach(async () => {
  fixture = await createSandboxFixture();
  strangers = [];
});

afterEach(async () => {
  for (const stranger of strangers) stranger.kill("SIGKILL");
  await fixture.dispose();
});

async function upstreamOf(launched: Launched): Promise<Upstream> {
  const { listeners } = await launched.listening();
  const { launchId, process } = launched;
  return fixture.sandbox.upstream({ launchId, process, port: listeners[0]!.port, listener: listeners[0]! });
}

/** What the dev server behind a connection says; a stranger would say something else. */
async function ask(upstream: Upstream): Promise<string> {
  const socket = await upstream.connect({});
  socket.end("GET / HTTP/1.0\r\n\r\n");
  return (await text(socket)).split("\r\n\r\n")[1]!;
}

/** A process of nobody's launch on this very port; `heard` tells whether it was ever sent a byte. */
async function startStranger(port: number): Promise<{ heard(): string }> {
  const source = `require("net").createServer((s) => s.on("data", (d) => process.stdout.write(d)).on("error", () => {}))
    .listen(${port}, "0.0.0.0", () => console.log("stranger listens"))`;
  const stranger = spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "inherit"] });
  strangers.push(stranger);
  let heard = "";
  stranger.stdout.on("data", (chunk) => (heard += chunk));
  await once(stranger.stdout, "data");
  return { heard: () => heard };
}

test.each(["0.0.0.0", "127.0.0.1", "127.0.0.9", "::", "::1", "::ffff:127.0.0.1"])(
  "a server on %s is reached",
  async (address) => {
    const launched = await fixture.launch(program("http.mjs"), { env: { LISTEN_HOST: address } });
    const upstream = await upstreamOf(launched);
    expect(await ask(upstream)).toBe(`pid ${launched.process.pid}\n`);
    expect(await ask(upstream)).toBe(`pid ${launched.process.pid}\n`);
  },
);

test.each(["", "shared"])("a cluster %s is reached, whichever worker accepts", async (mode) => {
  const launched = await fixture.launch(program("cluster.mjs", mode));
  const upstream = await upstreamOf(launched);
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(upstream)));
  expect(answers.every((answer) => /^pid \d+\n$/.test(answer))).toBe(true);
});

test("a stranger that takes the port after the dev server died is refused, and is sent nothing", async () => {
  const launched = await fixture.launch(program("http.mjs"));
  const upstream = await upstreamOf(launched);
  await ask(upstream);
  process.kill(launched.process.pid, "SIGKILL");
  await launched.ended();
  const stranger = await startStranger(launched.port);
  await expect(upstream.connect({})).rejects.toBeInstanceOf(UpstreamMovedError);
  await expect(upstream.connect({})).rejects.toBeInstanceOf(UpstreamMovedError);
  expect(stranger.heard()).toBe("stranger listens\n");
});

test("another launch that takes the port after the dev server died is refused, under its own name served", async () => {
  const launched = await fixture.launch(program("http.mjs"));
  const upstream = await upstreamOf(launched);
  await ask(upstream);
  process.kill(launched.process.pid, "SIGKILL");
  await launched.ended();
  const next = await fixture.launch(program("http.mjs"), { port: launched.port });
  const theirs = await upstreamOf(next);
  await expect(upstream.connect({})).rejects.toBeInstanceOf(UpstreamMovedError);
  expect(await ask(theirs)).toBe(`pid ${next.process.pid}\n`);
});

test("a stranger that takes the port of a dev server that lives on is refused", async () => {
  const launched = await fixture.launch(program("http.mjs"));
  const upstream = await upstreamOf(launched);
  await ask(upstream);
  process.kill(launched.process.pid, "SIGUSR2");
  await until(launched.inspect, ({ listeners }) => listeners.length === 0);
  await startStranger(launched.port);
  expect(await launched.inspect()).toMatchObject({ alive: true });
  await expect(upstream.connect({})).rejects.toBeInstanceOf(UpstreamMovedError);
});

test("an upstream made from an old record does not trust it", async () => {
  const launched = await fixture.launch(program("http.mjs"));
  const { listeners } = await launched.listening();
  await launched.stop();
  await startStranger(launched.port);
  const { launchId, process, port } = launched;
  const upstream = fixture.sandbox.upstream({ launchId, process, port, listener: listeners[0]! });
  await expect(upstream.connect({})).rejects.toBeInstanceOf(UpstreamMovedError);
});

test("what one connection learned serves the next, until the launch is stopped", async () => {
  const launched = await fixture.launch(program("http.mjs"));
  const upstream = await upstreamOf(launched);
  expect(await upstreamOf(launched)).toBe(upstream);
  const { listeners } = await launched.inspect();
  await launched.stop();
  const { launchId, process, port } = launched;
  expect(fixture.sandbox.upstream({ launchId, process, port, listener: listeners[0]! })).not.toBe(upstream);
});

test("a listener that is opened again by another process of the launch is followed", async () => {
  const launched = await fixture.launch(program("reopens.mjs"));
  const upstream = await upstreamOf(launched);
  const before = await ask(upstream);
  for (let restart = 0; restart < 3; restart++) {
    const [old] = (await launched.inspect()).listeners;
    process.kill(launched.process.pid, "SIGUSR2");
    await until(launched.inspect, ({ listeners }) => listeners.length > 0 && listeners[0]!.inode !== old!.inode);
    expect(await ask(upstream)).toMatch(/^pid \d+\n$/);
  }
  expect(await ask(upstream)).not.toBe(before);
});

test("a port on which nobody listens is a refused connection, not a moved one", async () => {
  const launched = await fixture.launch(program("http.mjs"));
  const upstream = await upstreamOf(launched);
  await ask(upstream);
  await launched.stop();
  await expect(upstream.connect({})).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a cancelled connect is rejected with the reason", async () => {
  const upstream = await upstreamOf(await fixture.launch(program("http.mjs")));
  const reason = new Error("client left");
  await expect(upstream.connect({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const aborter = new AbortController();
  const connecting = upstream.connect({ signal: aborter.signal });
  aborter.abort(reason);
  await expect(connecting).rejects.toBe(reason);
});

test("a cancellation after the connection was handed out leaves it alone", async () => {
  const upstream = await upstreamOf(await fixture.launch(program("http.mjs")));
  const aborter = new AbortController();
  const socket = await upstream.connect({ signal: aborter.signal });
  aborter.abort();
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});

/** A server that shares its port. */
const sharing = (address: string, body: string) => `python3 ${fixtureServer("shares-port.py")} ${address} ${body}`;
const sharers = process.platform === "linux" && spawnSync("python3", ["-V"]).status === 0;
if (!sharers) console.warn("skipped: ports that several processes share, for there is no python3 or no Linux");

describe.skipIf(!sharers)("a port that several processes share", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["0.0.0.0", "0.0.0.0"],
    ["0.0.0.0", "127.0.0.1"],
    ["::1", "::1"],
  ])(
    "of a launch on %s is served until another launch shares it on %s, and after that one ended",
    async (own, other) => {
      const launched = await fixture.launch(sharing(own, "mine"));
      const upstream = await upstreamOf(launched);
      expect(await ask(upstream)).toBe("mine");
      const stranger = await fixture.launch(sharing(other, "theirs"), { port: launched.port });
      await stranger.listening();
      for (let round = 0; round < 20; round++) {
        await expect(upstream.connect({})).rejects.toBeInstanceOf(UpstreamMovedError);
      }
      await stranger.stop(0);
      expect(await ask(upstream)).toBe("mine");
    },
  );

  test("with a process outside of every launch is served no more", async () => {
    const launched = await fixture.launch(sharing("127.0.0.1", "mine"));
    const upstream = await upstreamOf(launched);
    const env = { ...process.env, PORT: String(launched.port) };
    const stranger = spawn("/bin/sh", ["-c", `exec ${sharing("127.0.0.1", "theirs")}`], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    strangers.push(stranger);
    await once(stranger.stdout, "data");
    await expect(upstream.connect({})).rejects.toBeInstanceOf(UpstreamMovedError);
  });

  test("all of one launch is served, whichever takes the connection", async () => {
    const launched = await fixture.launch(`${sharing("127.0.0.1", "one")} & ${sharing("127.0.0.1", "two")} & wait`);
    await until(launched.inspect, ({ listeners }) => listeners.length === 2);
    const upstream = await upstreamOf(launched);
    const answers = new Set<string>();
    await until(
      async () => answers.add(await ask(upstream)),
      ({ size }) => size === 2,
    );
    expect([...answers].toSorted()).toEqual(["one", "two"]);
  });

  test("with a server of the same number on another address is served", async () => {
    const launched = await fixture.launch(sharing("127.0.0.1", "mine"));
    const upstream = await upstreamOf(launched);
    const other = await fixture.launch(sharing("127.0.0.9", "theirs"), { port: launched.port });
    await other.listening();
    expect(await ask(upstream)).toBe("mine");
  });
});

const unshare = spawnSync("unshare", ["-n", "ip", "link", "set", "lo", "up"]);
if (unshare.status !== 0) console.warn("skipped: another network namespace, for this user may not create one");

test.skipIf(unshare.status !== 0)(
  "a listener in another network namespace is not mistaken for the port here",
  async () => {
    const launched = await fixture.launch(`exec unshare -n sh -c 'ip link set lo up; exec ${program("http.mjs")}'`);
    const upstream = await upstreamOf(launched);
    await expect(upstream.connect({})).rejects.toBeInstanceOf(UpstreamMovedError);
    const stranger = await startStranger(launched.port);
    await expect(upstream.connect({})).rejects.toBeInstanceOf(UpstreamMovedError);
    expect(stranger.heard()).toBe("stranger listens\n");
  },
);

describe("the proof", () => {
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket));
  let listener: HeldListener;

  beforeEach(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    listener = { port, address: "127.0.0.1", pid: process.pid, inode: "1", fd: 1, foreign: false };
  });

  afterEach(async () => {
    for (const socket of accepted.splice(0)) socket.destroy();
    server.close();
    await once(server, "close");
  });

  function upstreamWith(context: Partial<UpstreamContext>): Upstream {
    const identity = { pid: process.pid, startTime: "", session: 1 };
    return createUpstream(
      { launchId: "proof", port: listener.port, process: identity, listener },
      {
        listenersOf: async () => [listener],
        isHeld: async () => true,
        isShared: async () => false,
        isTaken: async () => true,
        ...context,
      },
    );
  }

  test("is made after the connection, and a failed one destroys it and dials again", async () => {
    const proofs = [false, true];
    const connected: number[] = [];
    const upstream = upstreamWith({
      isHeld: async () => {
        await until(
          () => accepted.length,
          (count) => count === connected.length + 1,
        );
        connected.push(accepted.length);
        return proofs.shift()!;
      },
    });
    const socket = await upstream.connect({});
    expect(connected).toEqual([1, 2]);
    await until(() => accepted[0]!.readableEnded || accepted[0]!.resume().closed, Boolean);
    expect(accepted[1]!.closed).toBe(false);
    socket.destroy();
  });

  test("that never holds ends in a refusal", async () => {
    const upstream = upstreamWith({ isHeld: async () => false });
    await expect(upstream.connect({})).rejects.toBeInstanceOf(UpstreamMovedError);
  });

  test("needs one look at the launch for any number of connections, also at once", async () => {
    let looks = 0;
    const upstream = upstreamWith({
      listenersOf: async () => {
        looks += 1;
        return [listener];
      },
    });
    const sockets = await Promise.all(Array.from({ length: 10 }, () => upstream.connect({})));
    sockets.push(await upstream.connect({}));
    expect(looks).toBe(1);
    for (const socket of sockets) socket.destroy();
  });
});

test.each([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
  ["::ffff:0.0.0.0", "127.0.0.1"],
  ["::ffff:10.1.2.3", "10.1.2.3"],
  ["127.0.0.1", "127.0.0.1"],
  ["127.0.0.9", "127.0.0.9"],
  ["::1", "::1"],
  ["192.168.1.5", "192.168.1.5"],
  ["fd00::1", "fd00::1"],
])("a listener on %s is dialled at %s", (address, dialled) => {
  expect(dialAddress(address)).toBe(dialled);
});
