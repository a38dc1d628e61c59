import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { handedOverSockets, loadClientConfig, loadConfig } from "../src/config.ts";
import { PreviewError } from "../src/errors.ts";
import { describeSettings } from "../src/describe-settings.ts";
import { clientConfigSchema, configSchema } from "../src/settings.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "config-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function refusal(sources: Parameters<typeof loadConfig>[0]): string {
  try {
    loadConfig(sources);
  } catch (error) {
    expect(error).toBeInstanceOf(PreviewError);
    return (error as Error).message;
  }
  throw new Error("the configuration was accepted");
}

describe("configuration", () => {
  it("has a default for every setting", () => {
    const config = loadConfig({ env: { HOME: "/home/dev" }, cwd });
    expect(config).toMatchObject({
      domain: "localhost",
      install: "auto",
      portRange: { from: 20000, to: 20999 },
      defaultCommand: "pnpm dev",
    });
    expect(config.databaseUrl).toBeUndefined();
    expect(config.stateDir).toMatch(/dev-preview$/);
  });

  it("takes the file over defaults, the environment over the file, and flags over all", () => {
    writeFileSync(
      join(cwd, "own.json"),
      JSON.stringify({ domain: "file.test", gatewayPort: 1, controlPort: 1, linkTtlSeconds: 100 }),
    );
    const config = loadConfig({
      env: { DEV_PREVIEW_GATEWAY_PORT: "2", DEV_PREVIEW_CONTROL_PORT: "2" },
      flags: { controlPort: 3, gatewayPort: undefined },
      file: "own.json",
      cwd,
    });
    expect(config).toMatchObject({ domain: "file.test", linkTtlSeconds: 100, gatewayPort: 2, controlPort: 3 });
  });

  it("reads a file that is not named from the state directory, never from the directory it runs in", () => {
    const stateDir = join(cwd, "state");
    mkdirSync(stateDir);
    writeFileSync(join(cwd, "dev-preview.config.json"), JSON.stringify({ dangerouslyNoAuth: true }));
    const sources = { env: { HOME: "/home/dev", DEV_PREVIEW_STATE_DIR: stateDir }, cwd };
    expect(loadConfig(sources).dangerouslyNoAuth).toBe(false);
    writeFileSync(join(stateDir, "dev-preview.config.json"), JSON.stringify({ domain: "state.test" }));
    expect(loadConfig(sources).domain).toBe("state.test");
    expect(loadConfig({ env: {}, flags: { stateDir: "state" }, cwd }).domain).toBe("state.test");
  });

  it("treats an empty variable as absent", () => {
    expect(loadConfig({ env: { DATABASE_URL: "" }, cwd }).databaseUrl).toBeUndefined();
  });

  it("lists every problem at once, with where it came from and the value", () => {
    writeFileSync(join(cwd, "dev-preview.config.json"), JSON.stringify({ install: "sometimes", colour: "red" }));
    const message = refusal({
      file: "dev-preview.config.json",
      env: { DEV_PREVIEW_GATEWAY_PORT: "99999", DEV_PREVIEW_PORT_RANGE: "90-80" },
      flags: { logLevel: "loud" },
      cwd,
    });
    expect(message).toContain('DEV_PREVIEW_GATEWAY_PORT = "99999"');
    expect(message).toContain("DEV_PREVIEW_PORT_RANGE");
    expect(message).toMatch(/install \(.*dev-preview\.config\.json\) = "sometimes"/);
    expect(message).toMatch(/colour .*no such setting/);
    expect(message).toContain('flag logLevel = "loud"');
  });

  it("never shows a secret, not even a wrong one", () => {
    const message = refusal({
      env: { DEV_PREVIEW_TOKEN: "hunter2", DATABASE_URL: "mysql://u:hunter2@h/d", DEV_PREVIEW_SIGNING_KEYS: "hunter2" },
      cwd,
    });
    expect(message).not.toContain("hunter2");
    expect(message).toContain("DEV_PREVIEW_TOKEN = [secret]");
  });

  it("refuses a named file that is missing or no JSON object, and does without an unnamed one", () => {
    expect(refusal({ env: {}, cwd, file: "absent.json" })).toContain("absent.json cannot be read");
    writeFileSync(join(cwd, "bad.json"), "[1]");
    expect(refusal({ env: {}, cwd, file: "bad.json" })).toContain("bad.json is not a JSON object");
    expect(loadConfig({ env: {}, cwd }).domain).toBe("localhost");
  });

  it.each(["https://login.example.com", "http://localhost:8080/realms/a", "http://127.0.0.1:1", "http://[::1]:1"])(
    "takes %s as the issuer",
    (oidcIssuer) =>
      expect(loadConfig({ env: { DEV_PREVIEW_OIDC_ISSUER: oidcIssuer }, cwd }).oidcIssuer).toBe(oidcIssuer),
  );

  it.each(["http://login.example.com", "http://127.evil.example.com", "http://localhost.evil.example.com"])(
    "refuses %s as the issuer: anybody on the way could answer with keys of his own",
    (issuer) =>
      expect(refusal({ env: { DEV_PREVIEW_OIDC_ISSUER: issuer }, cwd })).toContain("https, or http on loopback"),
  );

  it("takes what single orgs get instead, from the file as from the environment", () => {
    const orgs = { acme: { idleSeconds: 600 }, other: { keepaliveMaxSeconds: 0.5 } };
    expect(loadConfig({ env: { DEV_PREVIEW_ORGS: JSON.stringify(orgs) }, cwd }).orgs).toEqual(orgs);
    writeFileSync(join(cwd, "own.json"), JSON.stringify({ orgs }));
    expect(loadConfig({ env: {}, file: "own.json", cwd }).orgs).toEqual(orgs);
    expect(loadConfig({ env: {}, cwd })).toMatchObject({ orgs: {}, idleSeconds: 1800 });
  });

  it.each([
    ['{"acme": {"idleSeconds": -1}}', /DEV_PREVIEW_ORGS = .*: acme\.idleSeconds: /],
    ['{"acme": {"idle": 1}}', /DEV_PREVIEW_ORGS: no such setting: acme\.idle/],
    ["acme=600", /DEV_PREVIEW_ORGS = "acme=600": /],
  ])("refuses %s for single orgs, and says where", (text, message) =>
    expect(refusal({ env: { DEV_PREVIEW_ORGS: text }, cwd })).toMatch(message),
  );

  it("describes every setting with its variable", () => {
    const rows = describeSettings();
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(configSchema.shape));
    for (const row of rows) {
      expect(row.env, row.name).toMatch(/^(DEV_PREVIEW_[A-Z_]+|DATABASE_URL)$/);
      expect(row.description.length, row.name).toBeGreaterThan(10);
    }
  });
});

describe("client configuration", () => {
  it("reads the environment and flags, and no file of the directory it runs in", () => {
    writeFileSync(join(cwd, "dev-preview.config.json"), JSON.stringify({ stateDir: "/elsewhere" }));
    const env = { HOME: "/home/dev", DEV_PREVIEW_ROOT: "/env/root", DEV_PREVIEW_URL: "http://127.0.0.1:4780" };
    const config = loadClientConfig({ env, flags: { root: "/flag/root", project: undefined }, cwd });
    expect(config).toMatchObject({ root: "/flag/root", url: "http://127.0.0.1:4780", logLevel: "info" });
    expect(config.project).toBeUndefined();
    expect(config.stateDir).not.toBe("/elsewhere");
    expect(loadClientConfig({ env, flags: { stateDir: "state" }, cwd }).stateDir).toBe(join(cwd, "state"));
  });

  it("names the variable of a bad value and masks a secret", () => {
    const env = { HOME: "/home/dev", DEV_PREVIEW_URL: "ftp://x", DEV_PREVIEW_TOKEN: "too-short" };
    expect(() => loadClientConfig({ env, cwd })).toThrow(
      expect.objectContaining({
        code: "config_invalid",
        message: expect.stringMatching(/DEV_PREVIEW_URL = "ftp:\/\/x"[^]*DEV_PREVIEW_TOKEN = \[secret\]/),
      }),
    );
  });

  it("is described with its secrets and switches told apart", () => {
    const secrets = describeSettings().filter(({ secret }) => secret);
    expect(secrets.map(({ name }) => name)).toEqual(["databaseUrl", "token", "signingKeys", "oidcClientSecret"]);
    const switches = describeSettings().filter(({ onOff }) => onOff);
    expect(switches.map(({ name }) => name)).toEqual([
      "dangerouslyNoAuth",
      "gatewayReusePort",
      "tlsLocal",
      "dangerouslyShareHost",
      "accessLog",
      "oidcLocalMembers",
    ]);
    expect(describeSettings(clientConfigSchema).map(({ env }) => env)).toContain("DEV_PREVIEW_ROOT");
  });
});

describe("sockets that were handed over", () => {
  const env = { LISTEN_PID: "7", LISTEN_FDS: "3", LISTEN_FDNAMES: "gateway:control:gateway" };

  it("are known by their names, in the order in which they came", () => {
    expect(handedOverSockets(env, 7)).toEqual({ gateway: [3, 5], control: [4] });
  });

  it("are another process's where that is what they were meant for, and absent without the variables", () => {
    expect(handedOverSockets(env, 8)).toEqual({ gateway: [], control: [] });
    expect(handedOverSockets({}, 7)).toEqual({ gateway: [], control: [] });
  });

  it.each([
    ["another name", "gateway:metrics:control"],
    ["too few names", "gateway:control"],
  ])("are refused with %s", (_what, names) => {
    expect(() => handedOverSockets({ ...env, LISTEN_FDNAMES: names }, 7)).toThrow(PreviewError);
  });
});
