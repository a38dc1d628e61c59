import { join } from "node:path";
import { installOnce } from "../../e2e/support/npm-install.ts";

/** The folder of the programs of npm packages that are no part of a project. */
export async function npmPrograms(dependencies: Readonly<Record<string, string>>): Promise<string> {
  const manifests = { "package.json": JSON.stringify({ private: true, dependencies }) };
  const name = Object.keys(dependencies).join("-");
  return join(await installOnce({ name, manifests, command: "install" }), "node_modules/.bin");
}
