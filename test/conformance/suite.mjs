import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

const packages = ["@modelcontextprotocol/conformance@0.2.0-alpha.12", "node@24"];

/**
 * The official suite, installed outside the repository. It wants Node 22, whatever runs the server
 * under test: on an older one it gets a Node of its own from the same registry.
 */
export async function openSuite(cache) {
  const directory = join(cache, packages.join("+").replaceAll(/[^a-z0-9.+-]/gi, "-"));
  const script = join(directory, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
  const node = join(directory, "node_modules/node/bin/node");
  if (!(await exists(script)) || !(await exists(node))) {
    await mkdir(directory, { recursive: true });
    const install = ["install", "--prefix", directory, "--no-audit", "--no-fund", "--loglevel", "error", ...packages];
    await promisify(execFile)("npm", install, { cwd: directory });
  }
  return {
    /** Resolves with the exit code and everything printed. */
    async run(args) {
      const child = spawn(node, [script, "server", ...args], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
      const exited = once(child, "exit");
      const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
      return { code, output: `${stdout}\n${stderr}` };
    },
  };
}

function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
