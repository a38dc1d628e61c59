// A vitest reporter that writes what `.ci/totals.mjs` adds up: the counts, and every error by the name of what
// failed: a test, a hook, a file that could not be loaded, an error that nothing caught.
// Its file is named by CI_RESULT.
import { writeFileSync } from "node:fs";

const text = ({ name, message, stack }) => [`${name}: ${message}`, ...(stack ?? "").split("\n").slice(1, 6)].join("\n");

// oxlint-disable-next-line import/no-default-export -- vitest loads the default export
export default class CiReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const failures = [];
    const skips = [];
    for (const module of modules) {
      const groups = [module, ...module.children.allSuites()];
      for (const group of groups)
        for (const error of group.errors())
          failures.push({ name: `hooks or imports of ${module.moduleId} ${group.fullName ?? ""}`, error: text(error) });
      for (const test of module.children.allTests()) {
        const { state, errors, note } = test.result();
        counts[state === "pending" ? "failed" : state] += 1;
        if (state === "skipped") skips.push({ name: test.fullName, reason: note ?? "see its file" });
        if (state === "failed") failures.push({ name: test.fullName, error: errors.map(text).join("\n") });
        if (state === "pending") failures.push({ name: test.fullName, error: "did not come to an end" });
      }
    }
    for (const error of unhandledErrors) failures.push({ name: "an error that nothing caught", error: text(error) });
    // What fails outside of tests counts as one each.
    counts.failed += failures.length - counts.failed;
    writeFileSync(process.env.CI_RESULT, JSON.stringify({ ...counts, failures, skips }));
  }
}
