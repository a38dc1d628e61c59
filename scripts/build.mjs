// Builds dist/ with tsc and copies what tsc does not: the SQL migrations. The new tree takes the old
// one's place in one step, so that a build beside running tests never leaves a half-written dist/.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const draft = `dist.${process.pid}`;
const replaced = `${draft}.old`;
const tsc = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--outDir", draft];
try {
  execFileSync(process.execPath, tsc, { stdio: "inherit" });
  cpSync("src/db/migrations", `${draft}/db/migrations`, { recursive: true });
  chmodSync(`${draft}/cli/bin.js`, 0o755);
  if (existsSync("dist")) renameSync("dist", replaced);
  renameSync(draft, "dist");
} finally {
  for (const left of [draft, replaced]) rmSync(left, { recursive: true, force: true });
}
