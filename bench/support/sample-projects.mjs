import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tests = "test/frameworks";
const sources = ["samples.ts", "support/choose-samples.ts", "support/missing-programs.ts", "support/sample-project.ts"];

/**
 * The projects of the framework matrix, which are TypeScript: compiled beside `dist`, so that they
 * find their packages. `close` of the scope removes what was compiled.
 */
export async function loadSampleProjects(scope) {
  const compiled = mkdtempSync(join(root, "dist.bench-"));
  scope.add(async () => rmSync(compiled, { recursive: true, force: true }));
  const config = join(compiled, "tsconfig.json");
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: { noEmit: false, rewriteRelativeImportExtensions: true, rootDir: root, outDir: compiled },
      files: sources.map((file) => join(root, tests, file)),
      include: [],
    }),
  );
  execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config], { stdio: "inherit" });
  const [{ samples }, { chooseSamples }, { missingPrograms }, { makeSampleProject }] = await Promise.all(
    sources.map((file) => import(pathToFileURL(join(compiled, tests, file.replace(/\.ts$/, ".js"))).href)),
  );
  return { choose: (names) => chooseSamples(samples, names), missingPrograms, makeSampleProject };
}
