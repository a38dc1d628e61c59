import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { endHome } from "./support/end-home.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";
import { rawRequest, rawUpgrade } from "./support/raw-request.ts";

/**
 * Every way by which a caller, a visitor or an app could make the plane connect to something that is not
 * the preview's dev server. What is aimed at counts its connections; each refusal has a twin that is let
 * through. What leaves a page in the plane's own browser is in test/inspect/confinement.test.ts, the refused
 * targets on raw sockets in test/gateway/wire/framing.ts, ports of a database on TCP in
 * test/preview/attach-refusals.test.ts.
 */
interface Target {
  readonly name: string;
  readonly port: number;
}

let home: PlaneHome;
let plane: PlaneProcess;
/** Something of the host that is nobody's preview: it counts whoever connects. */
let decoy: Server;
let connections = 0;
let targets: readonly Target[];
let host: string;
let byHand: ChildProcess | undefined;

/** `webpack serve`, as far as the plane looks: its preview's socket script may ask for further ports of the launch. */
const app = `#!/usr/bin/env node
const { createServer } = require("http");
const port = Number(process.argv[process.argv.indexOf("--port") + 1]);
const elsewhere = process.env.ELSEWHERE;
createServer((request, response) => {
  if (request.url === "/away") response.writeHead(302, { location: elsewhere });
  if (request.url === "/meta") response.writeHead(307, { location: "http://169.254.169.254/latest/meta-data/" });
  response.end("app " + request.url + " " + second.address().port);
}).listen(port, "127.0.0.1");
const second = createServer().on("upgrade", (_, socket) => {
  socket.end("HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\nsecond");
}).listen(0, "127.0.0.1");
`;

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const elsewhere = () => `http://127.0.0.1:${portOf(decoy)}/`;
const ask = (path: string, headers: Record<string, string> = {}) =>
  rawRequest({ port: plane.gatewayPort, path, headers: { host, ...headers } });
const upgrade = (path: string) => rawUpgrade({ port: plane.gatewayPort, path, headers: { host } });
const start = (name: string, extra: { readyPath?: string; port?: number } = {}) =>
  plane.client.start({ name, env: { ELSEWHERE: elsewhere() }, ...extra });

beforeAll(async () => {
  decoy = createServer((_, response) => response.end("decoy")).on("connection", () => (connections += 1));
  decoy.listen(0, "127.0.0.1");
  await once(decoy, "listening");
  home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn" });
  writeApp(home.workspace);
  plane = await startPlaneProcess(home);
  host = new URL((await start("web")).previewUrl ?? "").host;
  const theirs = join(dirname(home.workspace), "theirs");
  mkdirSync(theirs);
  writeApp(theirs);
  const other = createClient({ url: plane.controlUrl, token: plane.token, project: "theirs" });
  await other.projects.put("theirs", { workspaceRoot: theirs });
  targets = [
    { name: "a server of the host", port: portOf(decoy) },
    { name: "the control listener", port: Number(new URL(plane.controlUrl).port) },
    { name: "the gateway", port: plane.gatewayPort },
    { name: "another tenant's dev server", port: (await other.start({})).port ?? 0 },
  ];
});
afterAll(async () => {
  byHand?.kill("SIGKILL");
  await endHome(home);
  decoy.close();
});

function writeApp(workspace: string): void {
  const program = join(workspace, "node_modules", ".bin", "webpack");
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(program, app);
  chmodSync(program, 0o755);
  const manifest = { scripts: { dev: "webpack serve" }, devDependencies: { "webpack-dev-server": "5" } };
  writeFileSync(join(workspace, "package.json"), JSON.stringify(manifest));
}

/** None of what was aimed at was connected to, the metadata service of a cloud included. */
async function expectNothingDialled(attempt: () => Promise<unknown>): Promise<void> {
  const before = connections;
  await attempt();
  expect(connections).toBe(before);
  // 169.254.169.254, as the kernel lists the far end of a connection, also of one that is being opened
  const table = process.platform === "linux" ? readFileSync("/proc/net/tcp", "latin1") : "";
  expect(table).not.toContain("FEA9FEA9:");
}

describe("what is dialled for a request", () => {
  it("is the dev server, under the name of its link", async () => {
    expect(await ask("/")).toMatchObject({ status: 200, body: expect.stringMatching(/^app \/ /) as string });
  });

  it("is never named by the Host header", async () => {
    const [, token = ""] = /^\d+-([^.]+)/.exec(host) ?? [];
    const names = targets.flatMap(({ port }) => [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `[::1]:${port}`,
      host.replace(/^\d+/, String(port)),
      `${port}-${token}.localhost`,
      `${host}@127.0.0.1:${port}`,
    ]);
    await expectNothingDialled(async () => {
      for (const name of [...names, "169.254.169.254", "metadata.google.internal", "[fd00:ec2::254]"]) {
        const { status, body } = await ask("/", { host: name });
        expect([400, 404], name).toContain(status);
        expect(body, name).not.toMatch(/app|decoy/);
      }
    });
  });

  it("is never named by an absolute target, nor by a path that looks like one", async () => {
    await expectNothingDialled(async () => {
      for (const target of [elsewhere(), "http://169.254.169.254/latest/", `https://${host}/`]) {
        expect((await ask(target)).status, target).toBe(400);
      }
      for (const path of [`//127.0.0.1:${portOf(decoy)}/`, `/\\\\127.0.0.1/`, `/@127.0.0.1:${portOf(decoy)}/`]) {
        expect((await ask(path)).body, path).toContain(`app ${path}`);
      }
    });
  });

  it("is never named by what an edge would say of a request", async () => {
    const there = `127.0.0.1:${portOf(decoy)}`;
    const headers = { "x-forwarded-host": there, forwarded: `host=${there}`, "x-original-url": elsewhere() };
    await expectNothingDialled(async () => {
      expect((await ask("/", headers)).body).toContain("app / ");
    });
  });

  it("is never named by the path of a further port: of the launch alone", async () => {
    const [, second = ""] = / (\d+)$/.exec((await ask("/")).body) ?? [];
    expect(await upgrade(`/.dev-preview/port/${second}/`)).toMatchObject({ status: 101, body: "second" });
    await expectNothingDialled(async () => {
      for (const { name, port } of [...targets, { name: "nobody", port: 65_535 }]) {
        const { status, body } = await upgrade(`/.dev-preview/port/${port}/`);
        expect([404, 502], name).toContain(status);
        expect(body, name).not.toContain("second");
        expect((await ask(`/.dev-preview/port/${port}/`)).body, name).not.toContain("decoy");
      }
      // a port of the system's is no such path, and the app's to answer
      expect((await upgrade("/.dev-preview/port/22/")).body).toContain("app /.dev-preview/port/22/");
    });
  });
});

describe("a redirect of the app", () => {
  it.each(["/away", "/meta"])("to elsewhere (%s) is the browser's to follow, not the gateway's", async (path) => {
    await expectNothingDialled(async () => {
      const { status, headers } = await ask(path);
      expect(status).toBeGreaterThanOrEqual(302);
      expect(headers.location).toMatch(/^http:\/\/(127\.0\.0\.1|169\.254\.169\.254|localhost)/);
    });
    const before = connections;
    await rawRequest({ port: portOf(decoy) });
    expect(connections).toBe(before + 1);
  });

  it.each(["/away", "/meta"])(
    "of the path that shows readiness (%s) is an answer, and is not followed",
    async (readyPath) => {
      await expectNothingDialled(async () => {
        const preview = await start(`ready-${readyPath.slice(1)}`, { readyPath });
        expect(preview).toMatchObject({ serving: true, httpStatus: expect.any(Number) as number });
        expect([302, 307]).toContain(preview.httpStatus);
      });
    },
  );
});

describe("what a caller names", () => {
  it("as the path that shows readiness is a path of the preview", async () => {
    await expectNothingDialled(async () => {
      for (const readyPath of [`//127.0.0.1:${portOf(decoy)}/`, `/@127.0.0.1:${portOf(decoy)}/`]) {
        expect(await start("odd", { readyPath })).toMatchObject({ serving: true, httpStatus: 200 });
        await plane.client.stop({ name: "odd" });
      }
      for (const readyPath of [elsewhere(), "http://169.254.169.254/", `@127.0.0.1:${portOf(decoy)}/`]) {
        await expect(start("odd", { readyPath })).rejects.toMatchObject({ code: "invalid_input" });
      }
    });
  });

  it("as the path of a link stays on the preview's host", async () => {
    for (const path of ["//elsewhere.example/", "/\\elsewhere.example/"]) {
      const { previewUrl = "" } = await plane.client.url({ name: "web", path });
      expect(new URL(previewUrl).host, path).toBe(host);
    }
  });

  it("as a port to attach gets no link, unless a server of the project holds it", async () => {
    await expectNothingDialled(async () => {
      for (const { name, port } of targets) {
        await expect(plane.client.url({ port }), name).rejects.toMatchObject({ code: "port_not_ours" });
      }
    });
    const source = `require("http").createServer((_, r) => r.end("by hand")).listen(0, "127.0.0.1", function () { console.log(this.address().port) })`;
    byHand = spawn(process.execPath, ["-e", source], { cwd: home.workspace, stdio: ["ignore", "pipe", "inherit"] });
    const [printed] = (await once(byHand.stdout!, "data")) as [Buffer];
    const { previewUrl = "" } = await plane.client.url({ port: Number(String(printed)) });
    expect((await plane.get(previewUrl)).body).toBe("by hand");
  });

  it("as the port of a start is not taken over from who holds it", async () => {
    await expectNothingDialled(async () => {
      for (const { name, port } of targets) {
        const refused = await start("taken", { port });
        expect(refused, name).toMatchObject({ status: "crashed", problems: [{ code: "port_in_use" }] });
        expect(refused, name).not.toHaveProperty("previewUrl");
      }
    });
  });
});
