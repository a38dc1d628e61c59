import { execa } from "execa";
import { launchMarker } from "./process-view.ts";
import type { HeldListener, PortSocket, ProcessEntry, ProcessView, Whereabouts } from "./process-view.ts";

/** `-E` prints the environment behind the command, for processes of our own user. */
export const psArguments = ["-axww", "-E", "-o", "pid=,ppid=,pgid=,stat=,lstart=,command="] as const;
/** Start times are compared as text. */
export const psEnv = { LC_ALL: "C", TZ: "UTC" } as const;
const lsofArguments = ["-nP", "-iTCP", "-sTCP:LISTEN", "-FpcftPn"] as const;

/** A listener as lsof prints it, with the name of the program that holds it. */
export interface LsofListener {
  readonly pid: number;
  readonly program: string;
  readonly address: string;
  readonly port: number;
}

/** macOS: the same view from \`ps\` and \`lsof\`. A scan costs tens of milliseconds and is shared as long. */
export function createPsView({ sharedMs = 50 } = {}): ProcessView {
  let scannedAt = Number.NEGATIVE_INFINITY;
  let last: Promise<ReadonlyMap<number, ProcessEntry>> = Promise.resolve(new Map());

  function scan({ fresh = false } = {}): Promise<ReadonlyMap<number, ProcessEntry>> {
    const now = performance.now();
    if (fresh || now - scannedAt > sharedMs) {
      scannedAt = now;
      last = run("ps", psArguments).then(parseProcesses);
    }
    return last;
  }

  return {
    scan,
    identify: async (pid) => parseProcesses(await run("ps", [...psArguments, "-p", String(pid)])).get(pid),
    async listeners(_key, pids) {
      if (pids.length === 0) return [];
      const text = await run("lsof", [...lsofArguments, "-a", "-p", pids.join()]);
      return uniqueListeners(parseListeners(text));
    },
    async isHeld({ pid, port, address }) {
      const text = await run("lsof", [...lsofArguments, "-a", "-p", String(pid)]);
      return parseListeners(text).some((other) => other.port === port && other.address === address);
    },
    async isShared({ port, address }, own) {
      const pids = new Set(own.map(({ pid }) => pid));
      const all = parseListeners(await run("lsof", lsofArguments));
      return all.some((other) => other.port === port && other.address === address && !pids.has(other.pid));
    },
    async portListeners(port) {
      const all = parseListeners(await run("lsof", lsofArguments));
      return all
        .filter((listener) => listener.port === port)
        .map(({ address, pid, program }) => ({ address, pid, command: program }));
    },
    async portSockets(port) {
      const all = parseListeners(await run("lsof", lsofArguments));
      return socketsByAddress(all.filter((listener) => listener.port === port));
    },
    whereabouts,
    cpuTimeMs: () => Promise.resolve(undefined),
    forget: () => undefined,
  };
}

async function whereabouts(pid: number): Promise<Whereabouts> {
  const [described, files] = await Promise.all([
    run("ps", ["-ww", "-o", "ruid=,uid=,command=", "-p", String(pid)]),
    run("lsof", ["-a", "-p", String(pid), "-d", "cwd", "-Fn"]),
  ]);
  const [, real, effective, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)/.exec(described) ?? [];
  const directory = parseDirectory(files);
  return {
    command: command.trim(),
    ...(directory === undefined ? {} : { directory }),
    ...(real === undefined || real !== effective ? {} : { user: Number(real) }),
  };
}

/** Both programs report "nothing found" as a failure, with what they did find on stdout. */
async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execa(program, args, { env: psEnv, reject: false });
  return stdout ?? "";
}

const processLine = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+ \S+\s+\d+ [\d:]+ \d+)\s(.*)$/;
const marker = new RegExp(`(?:^| )${launchMarker}=([A-Za-z0-9_-]+)(?: |$)`);

/** macOS keeps no session id that ps can print: the group stands in for it. */
export function parseProcesses(text: string): Map<number, ProcessEntry> {
  const entries = new Map<number, ProcessEntry>();
  for (const line of text.split("\n")) {
    const [, pid, ppid, group, state, startTime, command] = processLine.exec(line) ?? [];
    if (!pid || !state || !startTime) continue;
    const launchId = marker.exec(command ?? "")?.[1];
    entries.set(Number(pid), {
      pid: Number(pid),
      ppid: Number(ppid),
      group: Number(group),
      session: Number(group),
      startTime: startTime.replaceAll(/\s+/g, " "),
      alive: !state.startsWith("Z"),
      ...(launchId === undefined ? {} : { launchId }),
    });
  }
  return entries;
}

/** `lsof -F` prints one field per line: p<pid> c<program> for a process, f, t<type> and n<address> for each file. */
export function parseListeners(text: string): LsofListener[] {
  const listeners: LsofListener[] = [];
  let pid = 0;
  let program = "";
  let type = "";
  for (const line of text.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) pid = Number(value);
    else if (line.startsWith("c")) program = value;
    else if (line.startsWith("t")) type = value;
    else if (line.startsWith("n")) {
      const { address, port } = parseEndpoint(value, type);
      if (port > 0) listeners.push({ pid, program, address, port });
    }
  }
  return listeners;
}

function parseEndpoint(name: string, type: string): { address: string; port: number } {
  const colon = name.lastIndexOf(":");
  const host = name.slice(0, colon).replaceAll(/^\[|\]$/g, "");
  const wildcard = type === "IPv6" ? "::" : "0.0.0.0";
  return { address: host === "*" ? wildcard : host, port: Number(name.slice(colon + 1)) || 0 };
}

/** lsof prints every byte that is not printable ASCII as `\\xNN`, and a backslash as two. */
export function parseDirectory(text: string): string | undefined {
  const line = text.split("\n").find((field) => field.startsWith("n/"));
  const bytes = line?.slice(1).replaceAll(/\\(x[0-9a-f]{2}|.)/g, (_, escape: string) => {
    return escape.length === 3 ? String.fromCharCode(Number.parseInt(escape.slice(1), 16)) : unescaped(escape);
  });
  // another escape than these names a directory that nobody works in
  return bytes === undefined || bytes.includes("\0") ? undefined : Buffer.from(bytes, "latin1").toString("utf8");
}

function unescaped(escape: string): string {
  return escape === "\\" ? "\\" : "\0";
}

/** macOS shows no inode: the address stands in for it. */
function socketsByAddress(listeners: readonly LsofListener[]): PortSocket[] {
  const holders = new Map<string, Set<number>>();
  for (const { address, pid } of listeners) holders.set(address, (holders.get(address) ?? new Set()).add(pid));
  return Array.from(holders, ([name, pids]) => ({ name, pids: [...pids] }));
}

function uniqueListeners(listeners: readonly LsofListener[]): HeldListener[] {
  const unique = new Map<string, HeldListener>();
  for (const { pid, address, port } of listeners) {
    const key = `${address} ${port}`;
    if (!unique.has(key)) unique.set(key, { pid, address, port, foreign: false });
  }
  return [...unique.values()];
}
