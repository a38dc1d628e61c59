import { spawnSync } from "node:child_process";
import { accessSync, chownSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseCgroupMounts } from "../../src/sandbox/cgroups/cgroup-mounts.ts";
import { readTables } from "../../src/sandbox/cgroups/find-places.ts";
import { cannotConfine } from "../support/confine.ts";
import { processesWithEnv } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { endHome } from "./support/end-home.ts";
import { bin, makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";

const nobody = 65_534;
const unified = parseCgroupMounts(readTables()).find(({ version }) => version === 2)?.mountPoint;
/** As systemd delegates one to a service of a user. */
const group = join(unified ?? "", `dpp-delegated-${process.pid}`);
const skip = cannotConfine ?? cannotDelegate();
const marker = `delegated-${process.pid}`;

describe.skipIf(skip !== undefined)(`a plane of a user to whom a control group was delegated ${skip ?? ""}`, () => {
  let home: PlaneHome;
  let plane: PlaneProcess;
  beforeAll(async () => {
    mkdirSync(group);
    for (const name of ["", "cgroup.procs", "cgroup.subtree_control"]) chownSync(join(group, name), nobody, nobody);
    home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn", DEV_PREVIEW_ISOLATION: "all" });
    for (const path of [dirname(home.workspace), home.workspace]) chownSync(path, nobody, nobody);
    home.env["HOME"] = dirname(home.workspace);
    plane = await startPlaneProcess(home, { user: nobody, group });
  });
  afterAll(async () => {
    await endHome(home);
    for (const name of ["dev-preview", "plane", ""]) rmdirSync(join(group, name));
  });

  const groupOf = (pid: number) => /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "latin1"))?.[1] ?? "";

  it("leaves it to a leaf, and gives each launch a group that ends with it", async () => {
    expect(groupOf(plane.pid)).toBe(`/${group.split("/").at(-1)}`);
    const source = "require('http').createServer((_, r) => r.end('well')).listen(process.env.PORT, '127.0.0.1')";
    const preview = await plane.client.start({
      command: `${process.execPath} -e "${source}"`,
      env: { TEST_MARK: marker },
    });
    expect(preview).toMatchObject({ serving: true });
    expect(groupOf(plane.pid)).toMatch(/\/plane$/);
    const groups = new Set(
      processesWithEnv(`TEST_MARK=${marker}`, "DEV_PREVIEW_LAUNCH_ID=").map(({ pid }) => groupOf(pid)),
    );
    // the supervisor, which tells how the launch ended, is none of what is bounded
    const [own = ""] = [...groups].filter((path) => path.includes("/dev-preview/"));
    const directory = join(unified ?? "", own);
    expect(existsSync(directory)).toBe(true);
    await plane.client.stop({ all: true });
    expect(existsSync(directory)).toBe(false);
  });

  it("says once what the group does not enforce", async () => {
    await until("it is told", () => plane.log().includes("limits.unenforced"));
    expect(plane.log().split("limits.unenforced")).toHaveLength(2);
  });
});

/** Why no group can be handed to another user here. */
function cannotDelegate(): string | undefined {
  if (process.getuid?.() !== 0) return "(skipped: needs root)";
  if (unified === undefined) return "(skipped: no cgroup2 is mounted)";
  try {
    accessSync(unified, constants.W_OK);
  } catch {
    return "(skipped: cgroup2 is mounted read-only)";
  }
  const { status } = spawnSync(process.execPath, [bin, "--version"], { uid: nobody, gid: nobody, stdio: "ignore" });
  return status === 0 ? undefined : "(skipped: that user cannot read the plane's program)";
}
