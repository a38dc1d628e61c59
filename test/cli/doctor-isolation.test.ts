import { describe, expect, it } from "vitest";
import { checkConfinement, isolationCheck, limitsCheck } from "../../src/cli/doctor-isolation.ts";
import { loadConfig } from "../../src/config.ts";

const shared = { isolation: "orgs", dangerouslyShareHost: false } as const;

describe("what doctor says of isolation", () => {
  it("is that projects are kept apart, where they are", () => {
    expect(isolationCheck({ available: true }, shared)).toMatchObject({ name: "isolation", status: "ok" });
  });

  it("names what stays open", () => {
    const check = isolationCheck({ available: true, gaps: ["this is open"] }, shared);
    expect(check).toMatchObject({ status: "warn", detail: expect.stringContaining("this is open") as string });
  });

  it("is why not, and a failure only where all projects need it", () => {
    const support = { available: false, reason: "bubblewrap is not installed" } as const;
    const wanted = { detail: expect.stringContaining(support.reason) as string, fix: expect.any(String) as string };
    expect(isolationCheck(support, shared)).toMatchObject({ status: "warn", ...wanted });
    expect(isolationCheck(support, { ...shared, isolation: "all" })).toMatchObject({ status: "fail", ...wanted });
  });

  it("warns of a host that all orgs share", () => {
    expect(isolationCheck({ available: true }, { ...shared, dangerouslyShareHost: true }).status).toBe("warn");
  });

  it("on macOS is why not", async () => {
    const config = loadConfig({ env: {}, flags: {}, cwd: "/" });
    const checks = await checkConfinement(config, { platform: "darwin", env: {} });
    expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual(["isolation warn", "limits warn"]);
    expect(checks.map(({ detail }) => detail).join()).toMatch(/darwin.*darwin/);
  });
});

describe("what doctor says of limits", () => {
  const place = { version: 2, directory: "/sys/fs/cgroup/x", holdsPlane: false } as const;

  it("is where they are enforced", () => {
    const check = limitsCheck({ places: [{ ...place, controllers: ["memory", "cpu", "pids"] }] });
    expect(check).toEqual({
      name: "limits",
      status: "ok",
      detail: "memory, cpu, pids of launches by control groups (/sys/fs/cgroup/x)",
    });
  });

  it("is why some are not, and what to do", () => {
    const check = limitsCheck({ places: [{ ...place, controllers: ["pids"] }], reason: "no memory here" });
    expect(check).toMatchObject({
      status: "warn",
      detail: expect.stringMatching(/^pids .*; no memory here$/) as string,
    });
    expect(check.fix).toContain("Delegate=yes");
    expect(limitsCheck({ places: [], reason: "none" }).detail).toBe("none");
  });
});
