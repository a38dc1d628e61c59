import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createLogger } from "../../src/logger.ts";
import { inheritedEnv, walledEnv } from "../../src/sandbox/host-env.ts";
import { createLocalSandbox } from "../../src/sandbox/local-sandbox.ts";

test("what a project needs of the host is inherited", () => {
  const kept = {
    PATH: "/usr/bin",
    HOME: "/home/me",
    LANG: "C.UTF-8",
    HTTPS_PROXY: "http://proxy:3128",
    no_proxy: "localhost",
    NODE_EXTRA_CA_CERTS: "/etc/ca.pem",
    NODE_OPTIONS: "--max-old-space-size=8192",
    NPM_CONFIG_REGISTRY: "https://registry.example.com",
    npm_config_registry: "https://registry.example.com",
    MODE: "of the user",
    EMPTY: "",
  };
  expect(inheritedEnv(kept)).toEqual(kept);
});

test("what is the plane's own is not", () => {
  const own = {
    DATABASE_URL: "postgres://plane:secret@db/plane",
    PGPASSWORD: "secret",
    DEV_PREVIEW_STATE_DIR: "/state",
    DEV_PREVIEW_LAUNCH_ID: "of an outer plane",
    NODE_ENV: "production",
    NODE_CHANNEL_FD: "3",
    NODE_UNIQUE_ID: "1",
    npm_lifecycle_event: "start",
    npm_config_prefix: "/plane",
    npm_package_name: "dev-preview-plane",
    INIT_CWD: "/plane",
    PWD: "/plane",
    PORT: "80",
    HOST: "plane.example.com",
    LISTEN_PID: "1",
    LISTEN_FDS: "2",
    LISTEN_FDNAMES: "gateway:control",
    ABSENT: undefined,
  };
  expect(inheritedEnv(own)).toEqual({});
});

test("under a test runner, what is the runner's goes too", () => {
  const runner = { VITEST: "true", VITEST_POOL_ID: "1", NODE_OPTIONS: "--import runner", MODE: "test", DEV: "1" };
  expect(inheritedEnv({ ...runner, PATH: "/bin" })).toEqual({ PATH: "/bin" });
});

test("the wall stays first on PATH, also on one of the project's", () => {
  const env = walledEnv({ PATH: "/usr/bin", A: "1" }, "/wall");
  expect(env({})).toEqual({ PATH: "/wall:/usr/bin", A: "1" });
  expect(env({ PATH: "/project/bin", A: "2" })).toEqual({ PATH: "/wall:/project/bin", A: "2" });
  expect(walledEnv({}, "/wall")({})["PATH"]).toMatch(/^\/wall:.*\/usr\/bin/);
});

test.each(["win32", "freebsd"] as const)("%s is refused with what to do", async (platform) => {
  const creating = createLocalSandbox({
    directory: join(tmpdir(), "never-made"),
    portRange: { from: 20_000, to: 20_010 },
    logMaxBytes: 1024,
    logger: createLogger("silent"),
    hostEnv: {},
    platform,
  });
  await expect(creating).rejects.toMatchObject({
    code: "sandbox_unsupported",
    message: expect.stringContaining(platform),
  });
});
