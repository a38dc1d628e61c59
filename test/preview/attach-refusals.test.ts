import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PreviewError } from "../../src/errors.ts";
import { processStartTime } from "../../src/sandbox/process-start-time.ts";
import { until } from "../support/until.ts";
import { asNobody, endHandServers, startByHand } from "./support/hand-server.ts";
import { freePort, openPlaneUnderTest, server } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";
import { registerProject } from "./support/two-projects.ts";

let plane: PlaneUnderTest;
let databasePort: number;
let stateDir: string;
beforeAll(async () => {
  databasePort = await freePort();
  plane = await openPlaneUnderTest();
  const { settings } = plane.deps;
  stateDir = join(plane.workspace, ".state");
  await mkdir(stateDir);
  // the state directory of this plane lies in the workspace, and its database listens on TCP
  Object.assign(settings, { stateDir, ownPorts: [...settings.ownPorts, databasePort] });
});
afterEach(async () => {
  await plane.stop({ all: true });
  await endHandServers();
});
afterAll(() => plane.close());

/** The refusal of a port, which must leave nothing behind. */
async function refusalOf(port: number): Promise<PreviewError> {
  const refusal = await plane.url({ port }).then(
    ({ previewUrl }) => {
      throw new Error(`port ${port} got ${previewUrl}`);
    },
    (error: unknown) => error,
  );
  if (!(refusal instanceof PreviewError)) throw refusal;
  expect(
    await plane.db.previews.listLive(plane.sandbox.id).then((live) => live.filter(({ attached }) => attached)),
  ).toEqual([]);
  return refusal;
}

/** What every stranger's port is answered with: it tells nothing of the stranger. */
async function expectStranger(port: number): Promise<void> {
  const { code, message, hint } = await refusalOf(port);
  expect({ code, message }).toEqual({
    code: "port_not_ours",
    message: `port ${port} is held by a process that was not shown to belong to this project`,
  });
  expect(hint).toContain(plane.workspace);
}

async function expectPlanes(port: number): Promise<void> {
  expect(await refusalOf(port)).toMatchObject({
    code: "port_not_ours",
    message: expect.stringContaining("plane's own"),
  });
}

describe("a server is refused", () => {
  it("whose working directory is elsewhere", async () => {
    const { port } = await startByHand({ cwd: plane.directory });
    await expectStranger(port);
  });

  it("whose working directory only begins like the workspace", async () => {
    const cwd = `${plane.workspace}-2`;
    await mkdir(cwd);
    const { port } = await startByHand({ cwd });
    await expectStranger(port);
  });

  it("that works behind a symlink which leads out of the workspace", async () => {
    const outside = join(plane.directory, "outside");
    await mkdir(outside);
    await symlink(outside, join(plane.workspace, "inside"));
    const { port } = await startByHand({ cwd: join(plane.workspace, "inside") });
    await expectStranger(port);
  });

  it("whose working directory was removed", async () => {
    const cwd = join(plane.workspace, "gone");
    await mkdir(cwd);
    const { port } = await startByHand({ cwd });
    await rm(cwd, { recursive: true });
    await expectStranger(port);
  });

  it("of which one process that shares the socket works elsewhere", async () => {
    const { port } = await startByHand({
      cwd: plane.workspace,
      habit: "shares-socket",
      env: { CHILD_CWD: plane.directory },
    });
    await expectStranger(port);
  });

  it("that carries the marker of a launch which is not the project's", async () => {
    const { port } = await startByHand({
      cwd: plane.workspace,
      env: { DEV_PREVIEW_LAUNCH_ID: "4f1c1d6e-0000-4000-8000-000000000000" },
    });
    await expectStranger(port);
  });

  it.skipIf(process.geteuid?.() !== 0)("of a user who is neither the plane's nor the workspace's owner", async () => {
    const theirs = await startByHand({ cwd: plane.workspace, through: asNobody });
    await expectStranger(theirs.port);
    // the effective user of root alone does not make it root's
    const mixed = await startByHand({ cwd: plane.workspace, through: ["setpriv", "--ruid=65534", "--"] });
    await expectStranger(mixed.port);
  });

  it("of which only one of two addresses is the project's", async () => {
    const { port } = await startByHand({ cwd: plane.workspace });
    const stranger = await startByHand({ cwd: plane.directory, port, env: { HOST: "::1" }, habit: "tells-requests" });
    await expectStranger(port);
    await stranger.end();
    expect(await plane.url({ port })).toMatchObject({ status: "ready" });
  });

  it("of another user, into whose processes the plane may not look", { skip: process.geteuid?.() !== 0 }, async () => {
    const { port } = await startByHand({ cwd: plane.workspace });
    process.seteuid!(65_534);
    await expectStranger(port).finally(() => process.seteuid!(0));
    expect(await plane.url({ port })).toMatchObject({ status: "ready" });
  });
});

describe("another project's", () => {
  it("launch is refused in the words in which a stranger's server is, and is served to the other project", async () => {
    const other = await registerProject(plane, "other");
    const { port, previewUrl } = await other.start({ command: server("well") });
    await expectStranger(port!);
    expect(await other.url({ port })).toMatchObject({ previewUrl });
    await other.remove();
  });

  it("server that somebody started is refused likewise, before and after it got its own link", async () => {
    const other = await registerProject(plane, "other");
    const { port } = await startByHand({ cwd: other.workspace });
    await expectStranger(port);
    expect(await other.url({ port })).toMatchObject({ status: "ready" });
    await other.stop({ port });
    await expectStranger(port);
    await other.remove();
  });

  it("server in a workspace inside of this one is refused: the inner project has it", async () => {
    const inner = await registerProject(plane, "inner", join(plane.workspace, ".trees", "inner"));
    const { port } = await startByHand({ cwd: inner.workspace });
    await expectStranger(port);
    expect(await inner.url({ port })).toMatchObject({ status: "ready" });
    await inner.remove();
    expect(await plane.url({ port })).toMatchObject({ status: "ready" });
  });

  it("launch inside of this workspace is refused, also when it hides its marker", async () => {
    const inner = await registerProject(plane, "inner", join(plane.workspace, "inner"));
    const { port } = await inner.start({
      command: `exec env -u DEV_PREVIEW_LAUNCH_ID sh -c ${JSON.stringify(`cd .. && ${server("well")}`)}`,
    });
    await expectStranger(port!);
    await inner.remove();
  });
});

describe("the plane's own", () => {
  it("gateway is refused", async () => {
    await expectPlanes(plane.gatewayPort);
  });

  it("listeners are refused, wherever it works and whatever port they have", async () => {
    const own = createServer((_, response) => response.end("control")).listen(0, "127.0.0.1");
    await once(own, "listening");
    const before = process.cwd();
    process.chdir(plane.workspace);
    const { port } = own.address() as AddressInfo;
    await expectPlanes(port).finally(() => process.chdir(before));
    own.close();
  });

  it("database is refused by its port", async () => {
    await startByHand({ cwd: plane.workspace, port: databasePort });
    await expectPlanes(databasePort);
  });

  it("embedded processes are refused by their directory, and one beside it is not", async () => {
    const { port } = await startByHand({ cwd: stateDir });
    await expectPlanes(port);
    const beside = await startByHand({ cwd: plane.workspace });
    expect(await plane.url({ port: beside.port })).toMatchObject({ status: "ready" });
  });

  it("neighbour on the same database is refused like a stranger", async () => {
    const { port, child } = await startByHand({ cwd: plane.workspace });
    const startTime = processStartTime(child.pid!);
    await plane.db.planes.beat({ id: "neighbour", sandboxId: "elsewhere", pid: child.pid!, startTime });
    await expectStranger(port);
    await plane.db.planes.remove("neighbour");
    expect(await plane.url({ port })).toMatchObject({ status: "ready" });
  });
});

describe("a port that changes hands while it is attached", () => {
  interface Swap {
    readonly port: number;
    /** Nobody connected to the stranger. */
    readonly expectUntouched: () => Promise<void>;
  }

  /** Puts a stranger into the place of the server after the given look at the port. */
  async function swapAfterLook(look: number): Promise<Swap> {
    const ours = await startByHand({ cwd: plane.workspace });
    const { sandbox } = plane;
    const portUse = sandbox.portUse.bind(sandbox);
    let looks = 0;
    let asked = false;
    const swapped: typeof sandbox.portUse = async (...args) => {
      const use = await portUse(...args);
      looks += 1;
      if (looks !== look) return use;
      await ours.end();
      const stranger = await startByHand({ cwd: plane.directory, port: ours.port, habit: "tells-requests" });
      stranger.child.stdout!.on("data", () => (asked = true));
      return use;
    };
    Object.assign(sandbox, { portUse: swapped });
    restore = () => Object.assign(sandbox, { portUse });
    return {
      port: ours.port,
      expectUntouched: async () => {
        expect(asked).toBe(false);
        // it would have told
        await (await fetch(`http://127.0.0.1:${ours.port}`)).text();
        await until("the stranger tells that it was asked", () => asked);
      },
    };
  }
  let restore = (): unknown => undefined;
  afterEach(() => void restore());

  it("is refused when a stranger takes it before the claim", async () => {
    const { port, expectUntouched } = await swapAfterLook(1);
    const refusal = await refusalOf(port);
    expect(refusal).toMatchObject({
      code: "port_not_ours",
      message: `port ${port} changed hands while it was attached`,
    });
    await expectStranger(port);
    await expectUntouched();
  });

  it("never reaches a stranger who takes it after the proof", async () => {
    const { port, expectUntouched } = await swapAfterLook(2);
    const preview = await plane.url({ port, waitSeconds: 20 });
    expect(preview).toMatchObject({ serving: false, status: "crashed" });
    expect(preview).not.toHaveProperty("previewUrl");
    await expectStranger(port);
    await expectUntouched();
  });
});
