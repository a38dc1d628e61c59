import { readFileSync, readdirSync } from "node:fs";
import { execFileSync } from "node:child_process";

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** CPU time of a process so far, in ms (10 ms steps). */
export function cpuMs(pid) {
  const fields = statOf(pid);
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** Resident memory in MB: `rss` as top shows it, `pss` with shared pages divided among their users. */
export function memoryMb(pid) {
  const field = (file, name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(read(`/proc/${pid}/${file}`))?.[1]);
  return { rss: field("status", "VmRSS") / 1024, pss: field("smaps_rollup", "Pss") / 1024 };
}

/** The embedded database of a state directory: the process that names it, and its children. */
export function databasePids(state) {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const leader = pids.find((pid) => {
    const command = read(`/proc/${pid}/cmdline`);
    return command.includes("\0-D\0") && command.includes(state);
  });
  return pids.filter((pid) => pid === leader || statOf(pid)[1] === leader).map(Number);
}

/** Fields of /proc/<pid>/stat from the third on. */
function statOf(pid) {
  const text = read(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function read(path) {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // the process ended
    return "";
  }
}
