import { readFileSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs a benchmark in a temporary directory of its own. Whatever way it ends (done, error, Ctrl-C,
 * out of time), what `scope.add` was given is closed in reverse order, every process that still
 * names the directory is ended, and the directory is removed.
 */
export async function runBench({ limitMs }, work) {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "dpp-bench-")));
  const closers = [];
  const scope = { directory, add: (close) => void closers.push(close) };
  const cut = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`not done after ${limitMs / 1000} s`)), limitMs).unref();
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => reject(new Error(signal)));
  });
  try {
    await Promise.race([work(scope), cut]);
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`bench failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
  for (const close of closers.toReversed()) {
    await close().catch((error) => process.stderr.write(`closing failed: ${String(error)}\n`));
  }
  await sweep(directory);
  rmSync(directory, { recursive: true, force: true });
  process.exit();
}

/** Ends what outlived its closer. The directory's name is random: whoever has it was started here. */
async function sweep(directory) {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const left = processes().filter(({ pid, text }) => pid !== process.pid && text.includes(directory));
    if (left.length === 0) return;
    for (const { pid } of left) kill(pid, attempt < 10 ? "SIGTERM" : "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  process.stderr.write(`processes of ${directory} are left\n`);
}

/** Every process with its command line and environment as one text; empty outside Linux. */
export function processes() {
  return entries("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), text: read(`/proc/${name}/cmdline`) + read(`/proc/${name}/environ`) }));
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended by itself meanwhile
  }
}

function entries(path) {
  try {
    return readdirSync(path);
  } catch {
    // no /proc: nothing can be told
    return [];
  }
}

function read(path) {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // the process ended, or is not ours to read
    return "";
  }
}
