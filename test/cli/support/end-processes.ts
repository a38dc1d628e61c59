import { readdirSync, readFileSync } from "node:fs";

/**
 * Ends every process that was started with `mark` (a directory of one test) in its command line or
 * environment: planes that lost a race, and the database that they share. Without /proc it finds none.
 */
export async function endProcesses(mark: string): Promise<void> {
  const startedAt = performance.now();
  for (let pids = processesOf(mark); pids.length > 0; pids = processesOf(mark)) {
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs > 40_000) throw new Error(`still alive: ${pids.join(", ")}`);
    // SIGINT is a fast shutdown to the database, and a stop to a plane; hopeless ones are killed.
    for (const pid of pids) send(pid, elapsedMs > 20_000 ? "SIGKILL" : "SIGINT");
    await new Promise((resolve) => void setTimeout(resolve, 250));
  }
}

function processesOf(mark: string): number[] {
  return pidsNow().filter((pid) => pid !== process.pid && (read(pid, "cmdline") + read(pid, "environ")).includes(mark));
}

function pidsNow(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    // No /proc here.
    return [];
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // Gone meanwhile, or somebody else's: not one of ours.
    return "";
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile, which is what was wanted.
  }
}
