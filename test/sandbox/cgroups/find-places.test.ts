import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseCgroupMounts } from "../../../src/sandbox/cgroups/cgroup-mounts.ts";
import { findPlaces } from "../../../src/sandbox/cgroups/find-places.ts";
import { limitFiles } from "../../../src/sandbox/cgroups/limits.ts";

const isRoot = process.getuid?.() === 0;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "dpp-cgroups-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const unifiedMount = (mountRoot = "/") =>
  `31 24 0:27 ${mountRoot} ${root} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate`;

/** A group as the kernel would show it; only the root of the whole hierarchy has no type. */
function group(path: string, controllers: string): string {
  const directory = join(root, path);
  mkdirSync(directory, { recursive: true });
  for (const name of ["cgroup.procs", "cgroup.subtree_control"]) writeFileSync(join(directory, name), "");
  writeFileSync(join(directory, "cgroup.controllers"), `${controllers}\n`);
  if (path !== "/") writeFileSync(join(directory, "cgroup.type"), "domain\n");
  return directory;
}

describe("where launches can be bounded", () => {
  it("is the slice above a service of root's", () => {
    group("/", "cpuset cpu io memory pids");
    const slice = group("/system.slice", "cpu memory pids");
    group("/system.slice/plane.service", "memory pids");
    const found = findPlaces({ mountinfo: unifiedMount(), membership: "0::/system.slice/plane.service\n" });
    expect(found).toEqual({
      places: [{ version: 2, directory: slice, controllers: ["memory", "cpu", "pids"], holdsPlane: false }],
    });
  });

  it.skipIf(isRoot)(
    `is the nearest group that this user may write ${isRoot ? "(needs another user than root)" : ""}`,
    () => {
      const parent = group("/user.slice", "cpu memory pids");
      const own = group("/user.slice/plane.service", "cpu memory pids");
      chmodSync(join(parent, "cgroup.procs"), 0o400);
      chmodSync(join(root, "cgroup.procs"), 0o400);
      const found = findPlaces({ mountinfo: unifiedMount(), membership: "0::/user.slice/plane.service\n" });
      expect(found.places).toMatchObject([{ directory: own, holdsPlane: true }]);
    },
  );

  it("is the plane's own group in a container that may write it, which is emptied first", () => {
    group("/", "cpu memory pids");
    writeFileSync(join(root, "cgroup.type"), "domain\n");
    const { places } = findPlaces({ mountinfo: unifiedMount("/docker/abc"), membership: "0::/\n" });
    expect(places).toMatchObject([{ directory: root, holdsPlane: true }]);
  });

  it("is nowhere without control groups, and says so", () => {
    expect(findPlaces({ mountinfo: "", membership: "" })).toEqual({
      places: [],
      reason: "no control groups are mounted",
    });
  });

  it("is nowhere that this user may not write, and says so", () => {
    const found = findPlaces({ mountinfo: unifiedMount(), membership: "0::/gone\n" });
    expect(found).toEqual({
      places: [],
      reason: "this user may not make control groups where the plane runs",
    });
  });

  it("leaves out what the kernel does not offer there, and names it", () => {
    group("/", "cpu pids");
    const { places, reason } = findPlaces({ mountinfo: unifiedMount(), membership: "0::/\n" });
    expect(places).toMatchObject([{ controllers: ["cpu", "pids"] }]);
    expect(reason).toContain("memory");
  });

  it("is in version 1 where version 2 has no controllers", () => {
    group("/", "hugetlb");
    mkdirSync(join(root, "v1", "memory"), { recursive: true });
    const legacy = `40 24 0:30 / ${root}/v1/memory rw - cgroup cgroup rw,memory`;
    const found = findPlaces({ mountinfo: `${legacy}\n${unifiedMount()}`, membership: "4:memory:/some\n0::/\n" });
    expect(found.places).toMatchObject([
      { version: 2, controllers: [] },
      { version: 1, controllers: ["memory"], directory: join(root, "v1", "memory"), holdsPlane: false },
    ]);
    expect(found.reason).toContain("cpu, pids");
  });
});

describe("the kernel's tables", () => {
  it("are read with blanks in paths, several controllers and a mounted part of the tree", () => {
    const mountinfo = [
      "22 1 8:1 / / rw - ext4 /dev/sda rw",
      String.raw`40 24 0:30 /docker/abc /sys/fs/cg\040roup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct`,
      "41 24 0:31 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd",
    ].join("\n");
    expect(parseCgroupMounts({ mountinfo, membership: "3:cpu,cpuacct:/docker/abc/in\n1:name=systemd:/x\n" })).toEqual([
      {
        version: 1,
        controllers: ["cpu", "cpuacct"],
        mountPoint: "/sys/fs/cg roup/cpu,cpuacct",
        own: "/sys/fs/cg roup/cpu,cpuacct/in",
      },
      { version: 1, controllers: [], mountPoint: "/sys/fs/cgroup/systemd", own: "/sys/fs/cgroup/systemd/x" },
    ]);
  });

  it("are answered with the files that each version has", () => {
    const limits = { memoryBytes: 1048576, cpus: 1.5, processes: 64 };
    const written = (version: 1 | 2) =>
      (["memory", "cpu", "pids"] as const).flatMap((controller) =>
        limitFiles(controller, version, limits).map(({ file, value }) => `${file}=${value}`),
      );
    expect(written(2)).toEqual([
      "memory.max=1048576",
      "memory.swap.max=0",
      "memory.oom.group=1",
      "cpu.max=150000 100000",
      "pids.max=64",
    ]);
    expect(written(1)).toEqual([
      "memory.limit_in_bytes=1048576",
      "memory.memsw.limit_in_bytes=1048576",
      "cpu.cfs_period_us=100000",
      "cpu.cfs_quota_us=150000",
      "pids.max=64",
    ]);
    expect(limitFiles("memory", 2, {})).toEqual([]);
  });
});
