import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { localProjectFiles } from "../../src/recipe/project-files.ts";
import type { LaunchPlan, LaunchQuestion } from "../../src/recipe/launch-plan.ts";
import { resolveLaunch } from "../../src/recipe/resolve-launch.ts";

export interface TempProject extends AsyncDisposable {
  /** Absolute real path. */
  readonly root: string;
  resolve(request?: LaunchQuestion["request"]): Promise<LaunchPlan>;
}

/** A project folder with these files; an object is written as JSON, a path that ends in `/` is a folder. */
export async function tempProject(files: Record<string, unknown>, folder = "project"): Promise<TempProject> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "recipe-")));
  const root = join(base, folder);
  await mkdir(root, { recursive: true });
  for (const [path, content] of Object.entries(files)) await write(join(root, path), content);
  return {
    root,
    resolve: (request = {}) =>
      resolveLaunch({
        files: localProjectFiles(root),
        workspaceRoot: root,
        request,
        defaultCommand: "pnpm dev",
        publicDomain: "preview.example.com",
      }),
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
}

async function write(path: string, content: unknown): Promise<void> {
  if (path.endsWith("/")) return void (await mkdir(path, { recursive: true }));
  await mkdir(dirname(path), { recursive: true });
  const executable = typeof content === "string" && content.startsWith("#!");
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content), {
    mode: executable ? 0o755 : 0o644,
  });
}
