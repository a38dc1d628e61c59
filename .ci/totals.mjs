// Adds up the result files of all suites, names what failed, and prints the one line that counts.
// Usage: node totals.mjs DIRECTORY FAILED_STEPS
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [directory, failedSteps] = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: 0 };
for (const file of readdirSync(directory).filter((name) => name.endsWith(".json"))) {
  const result = JSON.parse(readFileSync(join(directory, file), "utf8"));
  const passed = result.numPassedTests ?? result.passed;
  const failed = result.numFailedTests ?? result.failed;
  const skipped = result.numTotalTests === undefined ? (result.skipped ?? 0) : result.numTotalTests - passed - failed;
  // A suite that could not even be loaded has no failed test of its own.
  const broken = (result.testResults ?? []).filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  ).length;
  for (const { assertionResults, name, message } of result.testResults ?? []) {
    for (const test of assertionResults.filter(({ status }) => status === "failed"))
      process.stdout.write(`failed: ${test.fullName}\n${test.failureMessages.join("\n").slice(0, 2000)}\n`);
    if (assertionResults.length === 0 && message) process.stdout.write(`failed: ${name}\n${message.slice(0, 2000)}\n`);
  }
  process.stdout.write(`${file}: ${passed} passed, ${failed + broken} failed, ${skipped} skipped\n`);
  totals.passed += passed;
  totals.failed += failed + broken;
  totals.skipped += skipped;
}
const failed = totals.failed === 0 && Number(failedSteps) > 0 ? Number(failedSteps) : totals.failed;
process.stdout.write(`${totals.passed} passed, ${failed} failed, ${totals.skipped} skipped\n`);
process.exitCode = failed === 0 && totals.passed > 0 ? 0 : 1;
