import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openPlaneDatabase } from "../../src/db/plane-database.ts";
import { createLogger } from "../../src/logger.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "dpp-plane-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (url?: string) =>
  openPlaneDatabase({
    url,
    embeddedDirectory: join(root, "postgres"),
    planeFile: join(root, "plane.json"),
    logger: createLogger("silent"),
    clock: systemClock,
  });

const socket = () => postgres({ host: join(root, "postgres"), user: "dev_preview", database: "postgres", max: 1 });

test("a plane without DATABASE_URL has an embedded database, which ends with it", async () => {
  const database = await open();
  await database.ping();
  await database.close();
  const sql = socket();
  await expect(sql`select 1`).rejects.toMatchObject({ code: expect.stringMatching(/ENOENT|ECONNREFUSED/) });
  await sql.end();
});

test("a second plane on the same directory is refused, told where the first one is, and harms nothing", async () => {
  const first = await open();
  await expect(open()).rejects.toMatchObject({
    code: "plane_already_running",
    hint: expect.stringContaining(join(root, "plane.json")),
  });
  await first.ping();
  await first.close();
  const next = await open();
  await next.ping();
  await next.close();
});

test("a named server is shared by any number of planes, and left running", async () => {
  const host = await open();
  const url = `postgres://dev_preview@localhost/postgres?host=${join(root, "postgres")}`;
  const [one, two] = [await open(url), await open(url)];
  await Promise.all([one.close(), two.close()]);
  await host.ping();
  await host.close();
});
