import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RequestContext } from "../../src/identity/context.ts";
import { confinementOf } from "../../src/preview/launch/confinement.ts";
import { startInput } from "../../src/preview/contract.ts";
import { createPreviews } from "../../src/preview/previews.ts";
import { findPlaces, readTables } from "../../src/sandbox/cgroups/find-places.ts";
import { cannotConfine } from "../support/confine.ts";
import { openPlaneUnderTest } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";

const bounded = findPlaces(readTables());
const cannotBound = bounded.places.some(({ controllers }) => controllers.includes("memory"))
  ? undefined
  : `(skipped: ${bounded.reason ?? ""})`;
const serverProgram = fileURLToPath(new URL("support/server.mjs", import.meta.url));

describe("whose launches are confined and bounded", () => {
  const launchLimits = { processes: 5 };
  const available = { isolation: async () => ({ available: true }) } as never;
  const project = (org: string) => ({ org, workspaceRoot: "/w" });
  const confined = (isolation: "orgs" | "all" | "none", org: string) =>
    confinementOf({ settings: { isolation, launchLimits } as never, sandbox: available }, project(org));

  it.each([
    ["orgs", "acme", { confineTo: "/w", limits: launchLimits }],
    ["orgs", "local", {}],
    ["all", "local", { confineTo: "/w", limits: launchLimits }],
    ["all", "acme", { confineTo: "/w", limits: launchLimits }],
    ["none", "acme", { limits: launchLimits }],
    ["none", "local", {}],
  ] as const)("isolation %s, org %s: %j", (isolation, org, wanted) => {
    return expect(confined(isolation, org)).resolves.toEqual(wanted);
  });
});

describe("a plane for several orgs", () => {
  let plane: PlaneUnderTest;
  const contextOf = (org: string): RequestContext => ({
    principal: { kind: "key", org, user: "ada", scopes: ["admin"] },
    projectSlug: `${org}-shop`,
    requestId: "test",
  });
  const workspaceOf = (org: string) => join(plane.directory, "orgs", org, "shop");
  beforeAll(async () => {
    plane = await openPlaneUnderTest();
    for (const org of ["acme", "globex"]) {
      mkdirSync(workspaceOf(org), { recursive: true });
      writeFileSync(join(workspaceOf(org), "secret.txt"), `of ${org}`);
      cpSync(serverProgram, join(workspaceOf(org), "server.mjs"));
      const operator = { ...plane.context, principal: { ...plane.context.principal, org } };
      await plane.useCases.putProject(operator, `${org}-shop`, { workspaceRoot: workspaceOf(org) });
    }
  });
  afterAll(async () => {
    for (const org of ["acme", "globex"]) await plane.useCases.stop(contextOf(org), { all: true });
    await plane.close();
  });

  it.skipIf(cannotConfine !== undefined)(
    `serves a project of an org, which sees no other's files ${cannotConfine ?? ""}`,
    async () => {
      const spy = join(workspaceOf("globex"), "secret.txt");
      const command = `cat '${spy}'; ls '${plane.deps.settings.stateDir}'/..; exec ${process.execPath} server.mjs well`;
      const preview = await plane.useCases.start(contextOf("acme"), startInput.parse({ command }));
      expect(preview).toMatchObject({ status: "ready" });
      expect((await plane.fetch(preview.previewUrl!)).status).toBe(200);
      const { lines } = await plane.useCases.logs(contextOf("acme"), { name: "web", limit: 50, waitSeconds: 0 });
      expect(lines.join("\n")).toContain("No such file or directory");
      expect(lines.join("\n")).not.toContain("of globex");
    },
  );

  it("launches nothing in a workspace that was replaced by a link to another org's, and reads nothing there", async () => {
    const settings = { ...plane.deps.settings, isolation: "none" } as const;
    const previews = createPreviews({ ...plane.deps, settings });
    const start = () =>
      previews.useCases.start(contextOf("acme"), startInput.parse({ name: "moved", command: "true", waitSeconds: 0 }));
    renameSync(workspaceOf("acme"), `${workspaceOf("acme")}-away`);
    symlinkSync(workspaceOf("globex"), workspaceOf("acme"));
    try {
      await expect(start()).rejects.toMatchObject({ code: "repo_dir_outside_workspace" });
    } finally {
      rmSync(workspaceOf("acme"));
      renameSync(`${workspaceOf("acme")}-away`, workspaceOf("acme"));
    }
    await expect(start()).resolves.toMatchObject({ project: "acme-shop" });
    await previews.close();
  });

  it.skipIf(cannotConfine !== undefined)(
    `launches nothing where the workspace is replaced after it was looked at: by an installation, say ${cannotConfine ?? ""}`,
    async () => {
      const [mine, away] = [workspaceOf("acme"), `${workspaceOf("acme")}-away`];
      const launch: typeof plane.sandbox.launch = async (spec) => {
        renameSync(mine, away);
        symlinkSync(workspaceOf("globex"), mine);
        return await plane.sandbox.launch(spec).finally(() => {
          rmSync(mine);
          renameSync(away, mine);
        });
      };
      const previews = createPreviews({ ...plane.deps, sandbox: { ...plane.sandbox, launch } });
      const input = startInput.parse({ name: "late", command: "touch launched; cat secret.txt", waitSeconds: 15 });
      expect(await previews.useCases.start(contextOf("acme"), input)).toMatchObject({ status: "crashed" });
      expect(existsSync(join(workspaceOf("globex"), "launched"))).toBe(false);
      await plane.useCases.start(contextOf("acme"), { ...input, ifRunning: "restart" });
      expect(existsSync(join(mine, "launched"))).toBe(true);
      await previews.close();
    },
  );

  it("launches nothing of an org where it cannot keep it apart, and says what to do", async () => {
    const reason = "bubblewrap is not installed";
    const sandbox = { ...plane.sandbox, isolation: async () => ({ available: false, reason }) as const };
    const previews = createPreviews({ ...plane.deps, sandbox });
    const start = (org: string) => previews.useCases.start(contextOf(org), startInput.parse({ command: "true" }));
    await expect(start("globex")).rejects.toMatchObject({
      code: "isolation_unavailable",
      message: expect.stringContaining(reason) as string,
      hint: expect.stringContaining("DEV_PREVIEW_DANGEROUSLY_SHARE_HOST") as string,
    });
    expect(await plane.useCases.list(contextOf("globex"), { includeStopped: true })).toMatchObject({ previews: [] });
    await previews.close();
  });

  it.skipIf(cannotBound !== undefined)(
    `says of a launch that it reached its limit of memory ${cannotBound ?? ""}`,
    async () => {
      const launchLimits = { memoryBytes: 150 * 1024 ** 2 };
      const settings = { ...plane.deps.settings, isolation: "none", launchLimits } as const;
      const previews = createPreviews({ ...plane.deps, settings });
      const source = "const kept = []; for (;;) kept.push(Buffer.alloc(1024 * 1024, 1))";
      const preview = await previews.useCases.start(
        contextOf("acme"),
        startInput.parse({ name: "greedy", command: `${process.execPath} -e "${source}"` }),
      );
      expect(preview).toMatchObject({ status: "crashed", exitCode: 137 });
      expect(preview.problems[0]).toMatchObject({
        code: "out_of_memory",
        message: expect.stringContaining("its limit of 150 MB of memory") as string,
      });
      await previews.close();
    },
  );
});
