import { chownSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "../../../src/client/client.ts";
import { stateDir } from "../../../src/state-dir.ts";
import { processesWithEnv } from "../../support/processes.ts";
import { endHome } from "./end-home.ts";
import { makePlaneHome, startPlaneProcess } from "./plane-process.ts";
import { rawRequest } from "./raw-request.ts";

const serverProgram = fileURLToPath(new URL("attempt-server.mjs", import.meta.url));
const command = `${process.execPath} attempt-server.mjs`;

interface Attacked {
  readonly isolation: "all" | "orgs";
  /** The plane runs as this user, to whom its home belongs; by default as the test does. */
  readonly user?: number | undefined;
}

export type AttackedPlane = Awaited<ReturnType<typeof startAttackedPlane>>;

/** A plane with two projects, `app` and `theirs`; scripts are run by the dev server of the first. */
export async function startAttackedPlane({ isolation, user }: Attacked) {
  const home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn", DEV_PREVIEW_ISOLATION: isolation });
  const own = (path: string) => (user === undefined ? undefined : chownSync(path, user, user));
  for (const path of [dirname(home.workspace), home.workspace]) own(path);
  if (user !== undefined) home.env["HOME"] = dirname(home.workspace);
  const plane = await startPlaneProcess(home, { user });
  const theirWorkspace = join(dirname(home.workspace), "theirs");
  mkdirSync(theirWorkspace);
  for (const workspace of [home.workspace, theirWorkspace])
    cpSync(serverProgram, join(workspace, "attempt-server.mjs"));
  writeFileSync(join(theirWorkspace, "secret"), "GOT their file\n", { mode: 0o600 });
  for (const path of [theirWorkspace, join(theirWorkspace, "secret")]) own(path);
  const theirs = createClient({ url: plane.controlUrl, token: plane.token, project: "theirs" });
  await theirs.projects.put("theirs", { workspaceRoot: theirWorkspace });
  const secret = `secret-of-${process.pid}-${isolation}-${user ?? ""}`;
  const victim = await theirs.start({
    command: `echo GOT their output; exec ${command}`,
    env: { THEIR_SECRET: secret },
  });
  const mine = await plane.client.start({ command });
  const theirPid = serverOf(secret);
  const { root, tokenFile, databaseDir, launchesDir } = stateDir(home.state);
  /** Variables of every script. */
  const targets = {
    NODE: process.execPath,
    PLANE_PID: String(plane.pid),
    PLANE_URL: plane.controlUrl,
    STATE: root,
    TOKEN_FILE: tokenFile,
    DATABASE_SOCKET: join(databaseDir, ".s.PGSQL.5432"),
    THEIR_WORKSPACE: theirWorkspace,
    THEIR_SECRET: secret,
    THEIR_PID: String(theirPid),
    THEIR_PORT: String(victim.port),
    THEIR_LOG: join(launchesDir, launchOf(theirPid), "log"),
    MY_WORKSPACE: home.workspace,
  };
  const lines = Object.entries(targets).map(([name, value]) => `${name}='${value}'`);
  return {
    targets,
    isVictimAlive: () => processesWithEnv(`THEIR_SECRET=${secret}`).some(({ pid }) => pid === theirPid),
    /** What a script of sh prints, its errors included; it works on `targets`. */
    async attempt(script: string): Promise<string> {
      const headers = { host: new URL(mine.previewUrl ?? "").host };
      const body = ["exec 2>&1", ...lines, script, "echo tried"].join("\n");
      const answer = await rawRequest({ port: plane.gatewayPort, method: "POST", headers, body });
      return answer.body;
    },
    log: () => plane.log(),
    close: () => endHome(home),
  };
}

/** The pid, as the host counts, of the Node process in whose environment this is. */
function serverOf(secret: string): number {
  const found = processesWithEnv(`THEIR_SECRET=${secret}`).find(({ command: line }) =>
    line.startsWith(process.execPath),
  );
  if (found === undefined) throw new Error("the other project's dev server was not found");
  return found.pid;
}

function launchOf(pid: number): string {
  const environment = readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
  const marker = environment.find((entry) => entry.startsWith("DEV_PREVIEW_LAUNCH_ID="));
  return marker?.split("=")[1] ?? "";
}
