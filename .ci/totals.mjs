// Adds up the result files of all suites, names what failed, and prints the one line that counts.
// Usage: node totals.mjs DIRECTORY FAILED_STEPS
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [directory, failedSteps] = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: 0 };
for (const file of readdirSync(directory).filter((name) => name.endsWith(".json"))) {
  const {
    passed,
    failed,
    skipped = 0,
    failures = [],
    skips = [],
  } = JSON.parse(readFileSync(join(directory, file), "utf8"));
  for (const { name, error } of failures) process.stdout.write(`failed: ${name}\n${error.slice(0, 2000)}\n`);
  for (const { name, reason } of skips) process.stdout.write(`skipped: ${name} (${reason})\n`);
  process.stdout.write(`${file}: ${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  totals.passed += passed;
  totals.failed += failed;
  totals.skipped += skipped;
}
// A step that failed without a failed test (a format, a type, a suite that never began) counts as well.
const failed = totals.failed === 0 ? Number(failedSteps) : totals.failed;
process.stdout.write(`${totals.passed} passed, ${failed} failed, ${totals.skipped} skipped\n`);
process.exitCode = failed === 0 && totals.passed > 0 ? 0 : 1;
