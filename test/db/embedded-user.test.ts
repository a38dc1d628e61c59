import { chownSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { expect, test } from "vitest";
import { chooseOwner } from "../../src/db/embedded-owner.ts";
import { startEmbeddedServer } from "../../src/db/embedded-server.ts";
import { createLogger } from "../../src/logger.ts";

// Each test file is a process of its own: this one gives root up for good, where it has it.
const owner = await chooseOwner();
const directory = mkdtempSync(join(tmpdir(), "dpp-user-"));
if (owner) {
  chownSync(directory, owner.uid, owner.gid);
  process.setgroups?.([]);
  process.setgid?.(owner.gid);
  process.setuid?.(owner.uid);
}

test("a plane that is not root runs the server as itself and leaves its directories alone", async () => {
  expect(process.geteuid?.()).not.toBe(0);
  const server = await startEmbeddedServer({ directory: join(directory, "postgres"), logger: createLogger("silent") });
  try {
    const sql = postgres({ ...server.connection, max: 1 });
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    await sql.end();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const killed = server.pid();
    process.kill(killed, "SIGKILL");
    await expect.poll(() => server.pid(), { timeout: 20_000 }).not.toBe(killed);
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
