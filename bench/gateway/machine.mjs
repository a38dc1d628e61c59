// Where programs run, and what they cost.
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { once } from "node:events";
import { connect } from "node:net";

/** The proxy has a core of its own; app and load share the other. One core: all share it, and the report says so. */
export const cores =
  availableParallelism() > 1 && has("taskset") ? { proxy: "0", load: "1", one: "0", two: "0,1" } : undefined;

export function has(program) {
  return succeeds("/bin/sh", "-c", `command -v ${program}`);
}

function succeeds(program, ...args) {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Installs what is missing from Debian's packages where that is possible without asking; tells what stays missing. */
export function installDebian(programs) {
  const missing = programs.filter((program) => !has(program));
  if (missing.length === 0 || process.getuid() !== 0 || !has("apt-get")) return missing;
  try {
    execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], { stdio: "ignore" });
  } catch {
    // told by what is still missing
  }
  return programs.filter((program) => !has(program));
}

const raised = ["prlimit", "--nofile=65536:65536"];
const canRaise = has("prlimit") && succeeds(raised[0], raised[1], "true");
const moreDescriptors = canRaise ? raised : [];

/** Each socket through a proxy takes two descriptors of it. */
export const mostSockets = Math.min(
  10_000,
  Math.floor(
    (canRaise ? 65_536 : Number(execFileSync("/bin/sh", ["-c", "ulimit -Hn"], { encoding: "utf8" })) - 400) / 2,
  ),
);

const running = new Set();

/** Starts a program on a core; its output is shown when it fails. */
export function startOn(core, [program, ...args], options = {}) {
  const pinned = cores === undefined ? [] : ["taskset", "-c", cores[core]];
  const [first, ...rest] = [...moreDescriptors, ...pinned, program, ...args];
  const child = spawn(first, rest, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => {
      output = (output + chunk).slice(-4000);
    });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return { child, pid: child.pid, output: () => output };
}

/** A proxy that holds an answer back for ever fails its row, and no more. */
export const longestRunMs = 60_000;

export async function run(core, command) {
  const started = startOn(core, command, { stdio: ["ignore", "pipe", "pipe"], timeout: longestRunMs });
  let text = "";
  started.child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const [code] = await once(started.child, "close");
  if (code !== 0) throw new Error(`${started.output().trim()} (${command.join(" ")} ended with ${code})`);
  return text;
}

export async function stopAll() {
  const ends = [...running].map((child) => once(child, "exit"));
  for (const child of running) child.kill();
  await Promise.all(ends);
}

export async function portAnswers(port, started) {
  const until = Date.now() + 20_000;
  while (Date.now() < until) {
    if (started?.child.exitCode !== null && started !== undefined) break;
    const open = await new Promise((resolve) => {
      const socket = connect({ port, host: "127.0.0.1" }, () => resolve(true));
      socket.once("error", () => resolve(false)).once("close", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}: ${started?.output() ?? ""}`);
}

const tickMs = 1000 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** A process and all of its descendants. */
export function familyOf(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return [pid, ...(children === "" ? [] : children.split(" ").flatMap((child) => familyOf(Number(child))))];
}

export function cpuMs(pids) {
  let ticks = 0;
  for (const pid of pids) {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * tickMs;
}

/** Resident bytes, shared pages divided among their users. */
export function memoryBytes(pids) {
  const pss = (pid) => Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
  return pids.reduce((sum, pid) => sum + pss(pid) * 1024, 0);
}
