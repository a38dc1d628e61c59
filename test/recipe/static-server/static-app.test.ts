import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createStaticApp } from "../../../src/recipe/static-server/static-app.ts";
import { tempProject } from "../temp-project.ts";

const files = {
  "index.html": "<p>home",
  "a b.html": "<p>spaced",
  "täxt.txt": "unicode",
  "docs/index.html": "<p>docs",
  "bare/style.css": "p{}",
  "media.bin": "0123456789",
  ".env": "SECRET=1",
  ".git/config": "[remote]",
  ".well-known/security.txt": "contact",
};

async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  await using project = await tempProject(files);
  const answer = await createStaticApp(project.root).request(path, { headers });
  return new Response([301, 304].includes(answer.status) ? null : await answer.text(), answer);
}

describe("the static server", () => {
  it.each([
    ["/", "<p>home", "text/html; charset=utf-8"],
    ["/index.html", "<p>home", "text/html; charset=utf-8"],
    ["/a%20b.html", "<p>spaced", "text/html; charset=utf-8"],
    ["/t%C3%A4xt.txt", "unicode", "text/plain; charset=utf-8"],
    ["/docs/", "<p>docs", "text/html; charset=utf-8"],
    ["/bare/style.css", "p{}", "text/css; charset=utf-8"],
    ["/.well-known/security.txt", "contact", "text/plain; charset=utf-8"],
  ])("answers %s with the file and its type, not to be kept", async (path, body, type) => {
    const answer = await get(path);
    expect([answer.status, await answer.text()]).toEqual([200, body]);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("cache-control")).toBe("no-cache");
  });

  it("sends a directory to its own slash, by a relative path, so that its relative links are right", async () => {
    const answer = await get("/docs?a=1");
    expect([answer.status, answer.headers.get("location")]).toEqual([301, "docs/?a=1"]);
  });

  it("answers a range", async () => {
    const answer = await get("/media.bin", { range: "bytes=-3" });
    expect([answer.status, await answer.text()]).toEqual([206, "789"]);
  });

  it.each([
    "/bare/",
    "/gone.html",
    "/.env",
    "/%2eenv",
    "/.git/config",
    "/docs/../.env",
    "/docs/%2e%2e/.env",
    "/..%2f..%2fetc/passwd",
    "/%00",
    "/%",
  ])("answers %s as not found, and lists nothing", async (path) => {
    const answer = await get(path);
    expect([answer.status, await answer.text()]).toEqual([404, "Not found\n"]);
  });

  it("does not follow a link out of the folder, and does one inside", async () => {
    await using other = await tempProject({ "secret.txt": "secret" });
    await using project = await tempProject(files);
    await symlink(join(other.root, "secret.txt"), join(project.root, "leak.txt"));
    await symlink("index.html", join(project.root, "same.html"));
    const app = createStaticApp(project.root);
    expect((await app.request("/leak.txt")).status).toBe(404);
    expect((await app.request("/same.html")).status).toBe(200);
  });
});

const program = fileURLToPath(new URL("../../../dist/recipe/static-server/serve-static.js", import.meta.url));
const built = existsSync(program);

describe(`the program of the static server${built ? "" : " (skipped: dist is not built)"}`, () => {
  it.skipIf(!built)(
    "serves a folder on exactly its port, ends on a signal, and ends where the port is taken",
    async () => {
      await using project = await tempProject({ "public/index.html": "<p>home" });
      const port = await freePort();
      const plan = await project.resolve();
      const { command, env } = plan.render(port);
      const start = () => spawn("sh", ["-c", command], { cwd: plan.repoDir, env: { ...process.env, ...env } });
      const first = start();
      await once(first.stdout, "data");
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("<p>home");
      const second = start();
      expect(await once(second, "exit")).toEqual([1, null]);
      first.kill("SIGTERM");
      expect(await once(first, "exit")).toEqual([0, null]);
    },
  );
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
