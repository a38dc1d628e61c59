// Generated parts of the documentation: the settings table in README.md and docs/problems.md.
// `npm run docs` writes them (after a build); with --check it fails when they differ from the code.
import { readFileSync, writeFileSync } from "node:fs";
import { describeSettings } from "../dist/config.js";
import { problemFixes } from "../dist/preview/problem.js";

const check = process.argv.includes("--check");
const stale = [];

const settings = [
  "| setting | environment | default | what it does |",
  "|---|---|---|---|",
  ...describeSettings().map(({ name, env, fallback, description }) => `| \`${name}\` | \`${env}\` | ${fallback === "" ? "" : `\`${fallback}\``} | ${description} |`),
].join("\n");

const problems = `# Problem codes

What \`problems[]\` of a preview may hold. Generated from \`src/preview/problem.ts\`.

| code | what to do |
|---|---|
${Object.entries(problemFixes).map(([code, fix]) => `| \`${code}\` | ${fix.replaceAll("|", "\\|")} |`).join("\n")}
`;

update("README.md", (text) => text.replace(/(<!-- settings:begin[^>]*-->\n)[\s\S]*?(<!-- settings:end -->)/, (_, begin, end) => `${begin}${settings}\n${end}`));
update("docs/problems.md", () => problems);
if (stale.length > 0) {
  process.stderr.write(`stale: ${stale.join(", ")}; run npm run docs\n`);
  process.exitCode = 1;
}

function update(path, change) {
  const file = new URL(`../${path}`, import.meta.url);
  const present = readIfThere(file);
  const wanted = change(present);
  if (present === wanted) return;
  if (check) stale.push(path);
  else writeFileSync(file, wanted);
}

function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return "";
    throw error;
  }
}
