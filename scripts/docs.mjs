// Generated parts of the documentation: the settings table in README.md, the types in docs/events.md,
// docs/problems.md, docs/cli.md and docs/frameworks.md.
// `npm run docs` writes them (after a build); with --check it fails when they differ from the code.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeSettings } from "../dist/describe-settings.js";
import { eventTable } from "../dist/preview/events/events.js";
import { problemTable } from "../dist/preview/problem.js";
import { frameworksPage } from "./frameworks-page.mjs";

const bin = fileURLToPath(new URL("../dist/cli/bin.js", import.meta.url));
const check = process.argv.includes("--check");
const stale = [];

const settings = [
  "| setting | environment | default | what it does |",
  "|---|---|---|---|",
  ...describeSettings().map(
    ({ name, env, fallback, description }) =>
      `| \`${name}\` | \`${env}\` | ${fallback === "" ? "" : `\`${fallback}\``} | ${description} |`,
  ),
].join("\n");

const problems = `# Problem codes

What \`problems[]\` of a preview may hold. Generated from \`src/preview/problem.ts\`.

| code | what it means | what to do |
|---|---|---|
${Object.entries(problemTable)
  .map(([code, { means, fix }]) => `| \`${code}\` | ${[means, fix].join(" | ")} |`)
  .join("\n")}
`;

const events = [
  "| type | what happened | `data` |",
  "|---|---|---|",
  ...Object.entries(eventTable).map(
    ([type, { means, data }]) => `| \`${type}\` | ${means} | ${Object.entries(data.shape).map(fieldOf).join(", ")} |`,
  ),
].join("\n");

const commands = [
  "",
  "serve",
  "mcp",
  "start",
  "url",
  "stop",
  "list",
  "logs",
  "events",
  "project",
  "project add",
  "project list",
  "project remove",
  "key",
  "key create",
  "key list",
  "key rotate",
  "key revoke",
  "config",
  "ca",
  "doctor",
];
const cli = `# Command line

Generated from \`--help\`.
${commands.map((command) => `\n## ${`dev-preview ${command}`.trim()}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``).join("\n")}
`;

update("README.md", (text) =>
  text.replace(
    /(<!-- settings:begin[^>]*-->\n)[\s\S]*?(<!-- settings:end -->)/,
    (_, begin, end) => `${begin}${settings}\n${end}`,
  ),
);
update("docs/events.md", (text) =>
  text.replace(
    /(<!-- events:begin[^>]*-->\n)[\s\S]*?(<!-- events:end -->)/,
    (_, begin, end) => `${begin}\n${events}\n\n${end}`,
  ),
);
update("docs/problems.md", () => problems);
update("docs/cli.md", () => cli);
update("docs/frameworks.md", frameworksPage);
if (stale.length > 0) {
  process.stderr.write(`stale: ${stale.join(", ")}; run npm run docs\n`);
  process.exitCode = 1;
}

/** A `?` where it may be absent. */
function fieldOf([name, schema]) {
  return `\`${name}${schema.isOptional() ? "?" : ""}\``;
}

function helpOf(command) {
  const args = [bin, ...command.split(" ").filter(Boolean), "--help"];
  return execFileSync(process.execPath, args, {
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: "/home/you" },
  }).trim();
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
