import { join } from "node:path";
import { installOnce } from "../../e2e/support/npm-install.ts";

/** The folder of `node`, of the newest release of a major version, from npm's package of that name. */
export async function nodeBin(major: number): Promise<string> {
  const manifests = { "package.json": JSON.stringify({ private: true, dependencies: { node: String(major) } }) };
  const installed = await installOnce({ name: `node-${major}`, manifests, command: "install" });
  return join(installed, "node_modules/node/bin");
}
