// Builds dist/ with tsc and copies what tsc does not: the SQL migrations.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
rmSync("dist", { recursive: true, force: true });
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
cpSync("src/db/migrations", "dist/db/migrations", { recursive: true });
if (existsSync("dist/cli/bin.js")) chmodSync("dist/cli/bin.js", 0o755);
