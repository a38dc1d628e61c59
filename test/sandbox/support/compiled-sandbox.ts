import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The sandbox as JavaScript, for a process that is to be killed: Node 20 runs no TypeScript. About a second. */
export function compileSandbox(): { readonly url: string; remove(): void } {
  // inside of node_modules, from where its imports of packages resolve
  const outDir = mkdtempSync(join(root, "node_modules", ".sandbox-"));
  const options = ["--noCheck", "--noEmit", "false", "--outDir", outDir, "--rootDir", "src"];
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", ...options], { cwd: root });
  return {
    url: pathToFileURL(join(outDir, "sandbox", "local-sandbox.js")).href,
    remove: () => rmSync(outDir, { recursive: true, force: true }),
  };
}
