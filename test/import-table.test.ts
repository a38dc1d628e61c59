import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const project = fileURLToPath(new URL("../", import.meta.url));

/** One import each: the file that has it, and whether the table in docs/architecture.md admits it. */
const imports: readonly (readonly [string, string, boolean])[] = [
  ["src/recipe/a.ts", 'import { x } from "./package.ts";', true],
  ["src/recipe/b.ts", 'import { x } from "../gateway/gateway.ts";', false],
  ["src/recipe/line/a.ts", 'import { x } from "../package.ts";', true],
  ["src/recipe/line/b.ts", 'import { x } from "../../errors.ts";', true],
  ["src/recipe/line/c.ts", 'import { x } from "../../gateway/gateway.ts";', false],
  ["src/recipe/line/d.ts", 'import type { x } from "../../preview/route.ts";', false],
  ["src/recipe/line/e.ts", 'import { x } from "../../main.ts";', false],
  ["src/preview/a/b/c.ts", 'import { x } from "../../../recipe/recipe.ts";', true],
  ["src/preview/a/b/d.ts", 'import { x } from "../../../db/row.ts";', false],
  ["src/preview/a.ts", 'import type { x } from "../sandbox/driver.ts";', true],
  ["src/preview/b.ts", 'import { x } from "../sandbox/driver.ts";', false],
  ["src/preview/c.ts", 'import type { x } from "../sandbox/drivers.ts";', false],
  ["src/preview/d/a.ts", 'import type { x } from "../../sandbox/driver.ts";', true],
  ["src/preview/d/b.ts", 'import { x } from "../../sandbox/driver.ts";', false],
  ["src/identity/a.ts", 'import type { x } from "../db/row.ts";', true],
  ["src/identity/b.ts", 'import { x } from "../db/row.ts";', false],
  ["src/cli/serve.ts", 'import { x } from "../main.ts";', true],
  ["src/cli/stop.ts", 'import { x } from "../main.ts";', false],
  ["src/gateway/a.ts", 'import x from "postgres";', false],
  ["src/db/a.ts", 'import x from "postgres";', true],
];

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "import-table-")));
  await copyFile(join(project, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  for (const [file, line] of imports) {
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await writeFile(join(folder, file), `${line}\nexport const y: typeof x | undefined = undefined;\n`);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("refuses every import that the table does not admit, at any depth, and no other", async () => {
  const refused = imports.filter(([, , admitted]) => !admitted).map(([file]) => file);
  expect(await refusedFiles()).toEqual(refused.toSorted());
});

async function refusedFiles(): Promise<string[]> {
  const output = await new Promise<string>((resolve) => {
    const oxlint = join(project, "node_modules/.bin/oxlint");
    execFile(oxlint, ["--format", "json"], { cwd: folder }, (_, stdout) => resolve(stdout));
  });
  const { diagnostics } = JSON.parse(output) as { diagnostics: { code: string; filename: string }[] };
  const found = diagnostics.filter(({ code }) => code.includes("no-restricted-imports"));
  return [...new Set(found.map(({ filename }) => filename))].toSorted();
}
