import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../../", import.meta.url));

// JavaScript, because test/conformance/run.mjs uses it without a test runner; typed next door.
export async function compileScript(source) {
  // under node_modules, so that the output finds the packages
  const cache = join(root, "node_modules/.cache");
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, "dev-preview-test-"));
  const options = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      noCheck: true,
      rewriteRelativeImportExtensions: true,
      rootDir: root,
      outDir: directory,
      typeRoots: [join(root, "node_modules/@types")],
    },
    include: [],
    files: [join(root, source)],
  };
  await writeFile(join(directory, "package.json"), '{ "type": "module" }');
  await writeFile(join(directory, "tsconfig.json"), JSON.stringify(options));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  await promisify(execFile)(process.execPath, [tsc, "-p", directory]);
  return {
    path: join(directory, source.replace(/\.ts$/, ".js")),
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
