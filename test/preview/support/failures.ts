import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProblemCode } from "../../../src/preview/problem.ts";
import type { PreviewState } from "../../../src/preview/record.ts";
import { freePort, server } from "./plane-under-test.ts";
import type { PlaneUnderTest } from "./plane-under-test.ts";

const failingProgram = fileURLToPath(new URL("failing-server.mjs", import.meta.url));

/** The shell command of a server that fails; see failing-server.mjs. */
export function failing(way: string, value?: string | number): string {
  return [process.execPath, failingProgram, way, ...(value === undefined ? [] : [String(value)])]
    .map((word) => `'${word}'`)
    .join(" ");
}

const node = `'${process.execPath}'`;

export interface Failure {
  readonly code: ProblemCode;
  /** What the project does. */
  readonly what: string;
  /** Files of its directory; a value that is no text becomes JSON, a text with a shebang a program. */
  readonly files?: Readonly<Record<string, unknown>>;
  readonly command?: string | (() => Promise<string>);
  readonly state: PreviewState;
  /** Nothing but the end of the time for a start tells. */
  readonly byDeadline?: true;
  /** Changes the place for this start; returns how to change it back. */
  readonly arrange?: (plane: PlaneUnderTest) => Promise<() => Promise<void>>;
  /** Something that the message says. */
  readonly says?: RegExp;
}

/** A port where a listener of this process sits until `close`. */
export async function takenPort(): Promise<{ port: number; close: () => void }> {
  const port = await freePort();
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(port, "127.0.0.1", resolve));
  return { port, close: () => listener.close() };
}

/** Nobody speaks to a database there. */
const closedDatabasePort = 26_257;

/** Each code of a problem by a project that has it. */
export const failures: readonly Failure[] = [
  {
    code: "launch_failed",
    what: "is launched where the plane cannot write its files",
    command: server("well"),
    state: "crashed",
    async arrange({ directory }) {
      const launches = join(directory, "state", "launches");
      await rename(launches, `${launches}-aside`);
      return () => rename(`${launches}-aside`, launches);
    },
  },
  { code: "exited", what: "ends at once", command: server("exits-at-once", 7), state: "crashed", says: /code 7/ },
  {
    code: "port_in_use",
    what: "has its own port, which is taken, under a watcher",
    files: { "server.js": "require('net').createServer().listen(Number(process.env.TAKEN), '127.0.0.1')" },
    command: async () => {
      const { port } = await taken();
      return `TAKEN=${port} ${node} --watch server.js`;
    },
    arrange: async () => async () => {
      (await taken()).close();
      takenNow = undefined;
    },
    state: "starting",
    says: new RegExp(String.raw`port \d+ is already in use; held by pid ${process.pid} \(node\)`),
  },
  { code: "bound_loopback_only", what: "listens on loopback", command: server("loopback"), state: "ready" },
  {
    code: "bound_other_port",
    what: "listens on another port",
    command: async () => server("other-port", await freePort()),
    state: "ready",
  },
  {
    code: "host_blocked",
    what: "refuses the preview's host",
    command: server("blocks-host"),
    state: "unhealthy",
    says: /server\.allowedHosts in the Vite config/,
  },
  {
    code: "dependencies_missing",
    what: "imports what is not installed, under a watcher",
    files: { "server.js": "require('@scope/left-pad')" },
    command: `${node} --watch server.js`,
    state: "starting",
    says: /@scope\/left-pad/,
  },
  {
    code: "install_failed",
    what: "cannot be installed",
    files: {
      "package.json": { scripts: { dev: "node server.js", preinstall: "exit 3" }, dependencies: { dep: "file:./dep" } },
      "package-lock.json": {
        lockfileVersion: 3,
        packages: {
          "": { dependencies: { dep: "file:./dep" } },
          dep: {},
          "node_modules/dep": { resolved: "dep", link: true },
        },
      },
      "dep/package.json": {},
    },
    state: "crashed",
    says: /npm ci/,
  },
  { code: "no_dev_command", what: "has nothing to start", files: { "README.md": "" }, state: "crashed" },
  {
    code: "script_not_found",
    what: "has no such script",
    files: { "package.json": { scripts: {} } },
    command: "npm run missing",
    state: "crashed",
    says: /no script missing/,
  },
  {
    code: "package_manager_missing",
    what: "wants a package manager that is not there",
    command: "PATH=/nonexistent; pnpm dev",
    state: "crashed",
    says: /pnpm/,
  },
  {
    code: "command_not_found",
    what: "names a program that is not there",
    command: "no-such-program --port 1",
    state: "crashed",
    says: /no-such-program/,
  },
  { code: "second_instance", what: "runs already", command: failing("second-instance"), state: "crashed" },
  {
    code: "node_version",
    what: "wants an option that this Node does not have",
    files: { "server.js": "" },
    command: `${node} --no-such-option server.js`,
    state: "crashed",
  },
  {
    code: "env_missing",
    what: "wants a variable, under a watcher",
    files: {
      "server.js": "if (!process.env.SESSION_SECRET) throw new Error('environment variable SESSION_SECRET is not set')",
    },
    command: `${node} --watch server.js`,
    state: "starting",
    says: /SESSION_SECRET/,
  },
  {
    code: "database_refused",
    what: "waits for its database",
    command: failing("retries-database", closedDatabasePort),
    state: "starting",
    says: new RegExp(`port ${closedDatabasePort}`),
  },
  {
    code: "out_of_memory",
    what: "uses more memory than it has",
    files: { "server.js": "const all = []; for (;;) all.push(new Array(1e5).fill(1))" },
    command: `${node} --max-old-space-size=12 server.js`,
    state: "crashed",
  },
  {
    code: "syntax_error",
    what: "cannot be parsed, under a watcher",
    files: { "server.js": "const x = ;" },
    command: `${node} --watch server.js`,
    state: "starting",
  },
  {
    code: "app_crashed",
    what: "fails for a reason of its own, under a watcher",
    files: { "server.js": "throw new TypeError('x is not a function')" },
    command: `${node} --watch server.js`,
    state: "starting",
  },
  {
    code: "waiting_for_input",
    what: "asks, and its input stays open",
    command: `tail -f /dev/null | ${failing("asks")}`,
    state: "starting",
  },
  { code: "tls_on_port", what: "speaks TLS", command: failing("speaks-tls"), state: "unhealthy" },
  {
    code: "port_not_passed",
    what: "has its port fixed where no argument gets",
    files: {
      "package.json": { scripts: { dev: "`cat program`" }, devDependencies: { vite: "8" } },
      "node_modules/vite/package.json": {},
      "index.html": "",
      program: "./serve.sh",
      "serve.sh": async () => `#!/bin/sh\nexec ${server("other-port", await freePort())}\n`,
    },
    state: "ready",
    says: /vite reads its port from its arguments/,
  },
  {
    code: "never_listened",
    what: "opens no port",
    command: server("never-listens"),
    state: "crashed",
    byDeadline: true,
  },
  {
    code: "no_http_answer",
    what: "accepts and says nothing",
    command: server("no-http"),
    state: "unhealthy",
    byDeadline: true,
  },
  { code: "server_error", what: "answers 500", command: server("answers-500"), state: "unhealthy" },
  {
    code: "gateway_unreachable",
    what: "drops what comes through the gateway",
    command: failing("drops-what-comes-through-the-gateway"),
    state: "unhealthy",
    byDeadline: true,
  },
];

let takenNow: ReturnType<typeof takenPort> | undefined;
function taken(): ReturnType<typeof takenPort> {
  return (takenNow ??= takenPort());
}

/** Writes the files of a failure. */
export async function writeFiles(directory: string, { files = {} }: Failure): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, given] of Object.entries(files)) {
    const content: unknown = typeof given === "function" ? await given() : given;
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    const text = typeof content === "string" ? content : JSON.stringify(content);
    await writeFile(path, text);
    if (text.startsWith("#!")) await chmod(path, 0o755);
  }
}
