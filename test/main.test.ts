import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../src/client/client.ts";
import { loadConfig } from "../src/config.ts";
import { createLogger } from "../src/logger.ts";
import { startPlane } from "../src/main.ts";
import { freePort } from "./preview/support/plane-under-test.ts";

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "main-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const options = { logger: createLogger("silent"), version: "0.0.0", hostEnv: process.env };
const config = (flags: object) =>
  loadConfig({
    env: {},
    cwd: directory,
    flags: { stateDir: join(directory, "state"), controlPort: 0, gatewayPort: 0, gatewayWorkers: 1, ...flags },
  });

describe("a plane", () => {
  it("without authentication is refused on any address but loopback, before anything is made", async () => {
    await expect(
      startPlane(config({ dangerouslyNoAuth: true, controlHost: "0.0.0.0" }), options),
    ).rejects.toMatchObject({ code: "config_invalid" });
  });

  it("without authentication serves on loopback", async () => {
    const plane = await startPlane(config({ dangerouslyNoAuth: true }), options);
    expect((await fetch(`${plane.controlUrl}/v1/projects`)).status).toBe(200);
    await plane.close();
  });

  it("with a login over plain http is refused, but for localhost", async () => {
    const login = { oidcIssuer: "https://id.test", oidcClientId: "dev-preview" };
    await expect(startPlane(config({ ...login, domain: "preview.test" }), options)).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("plain http"),
    });
    // nothing is asked of the provider before somebody logs in
    const plane = await startPlane(config(login), options);
    await plane.close();
  });

  it.each([
    ["no provider", {}],
    ["a provider without a client", { oidcIssuer: "https://id.test" }],
    ["a client without a provider", { oidcClientId: "dev-preview" }],
  ])("with %s refuses links behind a login, for start as for url", async (_what, flags) => {
    const plane = await startPlane(config(flags), options);
    const token = readFileSync(plane.stateDir.tokenFile, "utf8").trim();
    const client = createClient({ url: plane.controlUrl, token, project: "app" });
    for (const call of [() => client.start({ signed: false }), () => client.url({ signed: false })])
      await expect(call()).rejects.toMatchObject({
        code: "invalid_input",
        message: expect.stringContaining("this plane has no login"),
      });
    await plane.close();
  });

  it("that keeps previews to people who log in is refused without a login, for one org as for all", async () => {
    for (const flags of [{ maxVisibility: "members" }, { orgs: { acme: { maxVisibility: "guests" } } }])
      await expect(startPlane(config(flags), options)).rejects.toMatchObject({
        code: "config_invalid",
        message: expect.stringContaining("maxVisibility"),
      });
  });

  it("asks for its token on loopback too", async () => {
    const plane = await startPlane(config({}), options);
    expect((await fetch(`${plane.controlUrl}/v1/projects`)).status).toBe(401);
    expect((await fetch(`${plane.controlUrl}/healthz`)).status).toBe(200);
    await plane.close();
  });

  it("whose configured port is taken ends its start with the port's name, and leaves nothing open", async () => {
    const first = await startPlane(config({}), options);
    const flags = { stateDir: join(directory, "second"), gatewayPort: first.gatewayPort };
    await expect(startPlane(config(flags), options)).rejects.toMatchObject({
      code: "listen_failed",
      message: expect.stringContaining(String(first.gatewayPort)),
    });
    const second = await startPlane(config({ ...flags, gatewayPort: 0 }), options);
    await second.close();
    await first.close();
  });

  it("on the same state directory as another is refused, and told where that one is", async () => {
    const first = await startPlane(config({}), options);
    await expect(startPlane(config({}), options)).rejects.toMatchObject({
      code: "plane_already_running",
      hint: expect.stringContaining(first.controlUrl),
    });
    expect((await fetch(`${first.controlUrl}/readyz`)).status).toBe(200);
    await first.close();
  });

  it("keeps the gateway's port over a restart, so that links keep their origin", async () => {
    const flags = { gatewayPort: undefined };
    const first = await startPlane(config(flags), options);
    await first.close();
    const second = await startPlane(config(flags), options);
    expect(second.gatewayPort).toBe(first.gatewayPort);
    await second.close();
  });

  it.skipIf(!hasIpv6)(
    "answers on both loopback addresses, so that a stranger cannot take the one that browsers try first",
    async () => {
      const plane = await startPlane(config({}), options);
      const controlPort = new URL(plane.controlUrl).port;
      expect((await fetch(`http://[::1]:${controlPort}/healthz`)).status).toBe(200);
      expect((await fetch(`http://[::1]:${plane.gatewayPort}/`)).headers.get("x-preview-status")).toBe("not-found");
      await plane.close();
      const stranger = createServer().listen({ host: "::1", port: plane.gatewayPort, ipv6Only: true });
      await once(stranger, "listening");
      await expect(startPlane(config({ gatewayPort: plane.gatewayPort }), options)).rejects.toMatchObject({
        code: "listen_failed",
      });
      const other = await startPlane(config({ gatewayPort: undefined }), options);
      expect(other.gatewayPort).not.toBe(plane.gatewayPort);
      await other.close();
      stranger.close();
    },
  );

  it("closes twice as well as once", async () => {
    const plane = await startPlane(config({ controlPort: await freePort() }), options);
    await Promise.all([plane.close(), plane.close()]);
    await plane.close();
  });
});
