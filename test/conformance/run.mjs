// Runs the official MCP conformance suite.
//   node test/conformance/run.mjs                    both requirement sets on the fixture, the portable scenarios on our tools
//   node test/conformance/run.mjs --portable         the portable scenarios alone, on our tools over fake use-cases
//   node test/conformance/run.mjs --url <address of /mcp> --token <token> [--project <slug>] [--portable]
//                                                    the same on a running server, which must be addressed by a loopback name
// CONFORMANCE_CACHE names the directory that the suite is installed in (default: under the temporary directory).
// Exits 1 when a scored scenario fails; the last line counts them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compileScript } from "../tools/support/compile-script.mjs";
import { startRelay } from "./relay.mjs";
import { openSuite } from "./suite.mjs";

const revisions = ["2026-07-28", "2025-11-25"];
/** What a server without the suite's own tools can be asked. */
const portableScenarios = {
  "2026-07-28": [
    "server-stateless",
    "tools-list",
    "server-sse-multiple-streams",
    "dns-rebinding-protection",
    "caching",
    "http-header-validation",
    "prompts-list",
    "resources-list",
    "sep-2164-resource-not-found",
    "input-required-result-unsupported-methods",
  ],
  "2025-11-25": [
    "server-initialize",
    "ping",
    "tools-list",
    "dns-rebinding-protection",
    "server-session-lifecycle",
    "prompts-list",
    "resources-list",
  ],
};
const untestable = fileURLToPath(new URL("portable-failures.yml", import.meta.url));

const { values: flags } = parseArgs({
  options: {
    url: { type: "string" },
    token: { type: "string" },
    project: { type: "string" },
    portable: { type: "boolean", default: false },
  },
});
const suite = await openSuite(process.env.CONFORMANCE_CACHE ?? join(tmpdir(), "dev-preview-conformance"));
const totals = { passed: 0, failed: 0 };
if (!flags.portable) await onTarget("fixture", runRequirements);
if (flags.portable || flags.url === undefined) await onTarget("tools", runPortable);
console.log(`conformance: ${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 ? 0 : 1;

/** Runs on the server named by --url, or on one of ours that is started for it and ended after it. */
async function onTarget(kind, run) {
  const target = flags.url === undefined ? await startOwnServer(kind) : { url: flags.url, token: flags.token };
  const relay = await startRelay(target.url, {
    ...(target.token !== undefined && { authorization: `Bearer ${target.token}` }),
    ...(flags.project !== undefined && { "x-project-slug": flags.project }),
  });
  try {
    await run(relay.url);
  } finally {
    await relay.close();
    await target.close?.();
  }
}

async function startOwnServer(kind) {
  const script = await compileScript("test/conformance/fixture-server.ts");
  const child = spawn(process.execPath, [script.path, kind], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const [line] = await Promise.race([once(child.stdout, "data"), exited.then(() => ["null"])]);
  const address = JSON.parse(line);
  if (address === null) throw new Error(`the ${kind} server ended before it listened`);
  return {
    ...address,
    async close() {
      child.stdin.end();
      await exited;
      await script.close();
    },
  };
}

async function runRequirements(url) {
  for (const revision of revisions) {
    const { code, output } = await suite.run(["--url", url, "--requirements", revision]);
    const unscored = new Set([...output.matchAll(/^ {2}[✓✗] (\S+) \([a-z-]+\)$/gm)].map(([, name]) => name));
    const scenarios = [...output.matchAll(/^([✓✗]) (\S+): (\d+) passed, (\d+) failed/gm)];
    const scored = scenarios.filter(([, , name]) => !unscored.has(name));
    for (const [, mark, name, passed, failed] of scored)
      count(mark === "✓", `${revision} ${name} (${passed} checks passed, ${failed} failed)`, output);
    if (scored.length === 0 || (code !== 0 && totals.failed === 0)) count(false, `${revision} as a whole`, output);
    console.log(`${revision}: ${scored.length} scored scenarios, ${unscored.size} not scored`);
  }
}

async function runPortable(url) {
  for (const revision of revisions)
    for (const scenario of portableScenarios[revision]) {
      const args = ["--scenario", scenario, "--spec-version", revision, "--expected-failures", untestable];
      const { code, output } = await suite.run(["--url", url, ...args]);
      count(code === 0 && !output.includes("SKIPPED: scenario"), `${revision} ${scenario} (portable)`, output);
    }
}

function count(ok, name, output) {
  console.log(`${ok ? "ok    " : "FAILED"} ${name}`);
  if (ok) totals.passed += 1;
  else totals.failed += 1;
  if (!ok && totals.failed === 1) console.log(output);
}
