import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

const stub = `#!/bin/sh
echo "docker is not available in a preview: start the project's own dev server directly (for example: npm run dev)" >&2
exit 127
`;

/**
 * A directory that goes first on the PATH of everything that runs in the sandbox. The \`docker\` in
 * it refuses: a preview is one bare process tree, and what a daemon starts is outside of it.
 */
export async function buildDockerWall(directory: string): Promise<string> {
  const wall = join(directory, ".wall");
  await mkdir(wall, { recursive: true, mode: 0o700 });
  // renamed into place: another plane may be running the stub at this moment
  const fresh = join(wall, `.docker-${process.pid}`);
  await writeFile(fresh, stub);
  await chmod(fresh, 0o755);
  await rename(fresh, join(wall, "docker"));
  return wall;
}
