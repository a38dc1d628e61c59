// docs/frameworks.md, made from what the framework matrix measured (test/frameworks/results).
import { readFileSync, readdirSync } from "node:fs";

const matrix = new URL("../test/frameworks/", import.meta.url);

/** The page's text. */
export function frameworksPage() {
  const rows = readdirSync(new URL("results/", matrix))
    .filter((name) => name.endsWith(".json"))
    .map((name) => readJson(`results/${name}`))
    .toSorted((a, b) => a.title.localeCompare(b.title, "en"));
  const measured = rows.filter(({ skipped }) => skipped === undefined);
  const absent = [
    ...rows.filter(({ skipped }) => skipped !== undefined).map(({ title, skipped }) => ({ title, reason: skipped })),
    ...readJson("not-measured.json"),
  ].toSorted((a, b) => a.title.localeCompare(b.title, "en"));
  return `${introduction(measured)}
| framework | version | detected as | first answer | hot reload | https | forms | notes |
|---|---|---|---|---|---|---|---|
${measured.map(rowOf).join("\n")}

## Not measured here

Nothing is claimed of these; where a recipe exists it follows the framework's own documentation.

| framework | reason |
|---|---|
${absent.map(({ title, reason }) => `| ${cell(title)} | ${cell(reason)} |`).join("\n")}
`;
}

function introduction(rows) {
  const dates = rows.map(({ measured }) => measured).toSorted();
  const span = dates[0] === dates.at(-1) ? `on ${dates[0]}` : `between ${dates[0]} and ${dates.at(-1)}`;
  const loads = rows.flatMap(({ load = [] }) => load).toSorted((a, b) => a - b);
  return `# Frameworks

Generated from \`test/frameworks/results\`, which \`npm run test:frameworks\` writes; measured ${span} on a
machine with two cores, Debian 12 and Chromium. Other work ran there at the same time (load average ${loads[0]} to
${loads.at(-1)}): every time is an upper bound.

For each row the test writes a project as a user has it, installs it, and calls \`dev_preview_start\` **with no
arguments** over MCP. It opens the answer's URL in Chromium under a public name (\`*.preview.example.com\`, not
\`localhost\`), sees the rendered page without a console error or a failed request, clicks a counter where the page
has one, edits a source file, sends a form, stops the preview and finds no process left. Then all of it again
behind an edge that ends TLS on another port.

| column | meaning |
|---|---|
| first answer | from the start of the command until the page answered through the gateway: first start / a later start of the same project, single runs |
| hot reload | what the open page did after the edit. *in place*: the text changed, and neither the page nor the counter's state was lost. *in place, state lost*: the page was not loaded again, but its components started anew. *loads again*: it loaded itself again. *next visit*: it stayed, the next visit showed the edit. *new start*: the server does not follow its source, a start with \`ifRunning: "restart"\` showed it. WebSockets of the page went to the preview's own host alone |
| https | the same behind TLS |
| forms | a form was sent in the browser, and its result seen |
`;
}

function rowOf({ title, version, http, https, follows, form, note, node }) {
  return `| ${[
    title,
    version,
    code(http.detected ?? https.detected),
    timesOf(http, https),
    http.failed ? "fails" : (followed[follows] ?? "–"),
    https.failed ? "fails" : "yes",
    form ? "yes" : "–",
    [node === undefined || node === 20 ? undefined : `Node ${node}.`, note].filter(Boolean).join(" "),
  ]
    .map(cell)
    .join(" | ")} |`;
}

const followed = {
  hot: "in place",
  forgets: "in place, state lost",
  reload: "loads again",
  manual: "next visit",
  restart: "new start",
};

function timesOf(http, https) {
  return [http, https]
    .map(({ firstAnswerMs: ms }) => (ms === undefined ? "–" : `${(ms / 1000).toFixed(1)} s`))
    .join(" / ");
}

function code(text) {
  return text === undefined ? "–" : `\`${text}\``;
}

function cell(text) {
  return text.replaceAll("|", "\\|");
}

function readJson(path) {
  return JSON.parse(readFileSync(new URL(path, matrix), "utf8"));
}
