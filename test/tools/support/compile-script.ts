import { execFile } from "node:child_process";
import { mkdir, rm, writeFile, mkdtemp } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface CompiledScript {
  /** Absolute path of the JavaScript. */
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Compiles one TypeScript program of the tests with what it imports, so that a plain `node` (20 has
 * no type stripping) can run it on the present sources. Lies under node_modules to find packages.
 */
export async function compileScript(source: string): Promise<CompiledScript> {
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
      types: ["node"],
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
    path: join(directory, relative(root, join(root, source)).replace(/\.ts$/, ".js")),
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
