import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { groups } from "./gateway/wire/groups.ts";
import type { Group, Row } from "./gateway/wire/row.ts";

const page = readFileSync(new URL("../docs/wire.md", import.meta.url), "utf8");
const sections = new Map(
  page
    .split("\n## ")
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf("\n")), text.slice(text.indexOf("\n") + 1).trim()]),
);

/** Each row with what it means over HTTP/2. */
function tableOf({ rows }: Group): string {
  const lines = rows.map((row) => `| ${cell(row.name)} | ${cell(overHttp2(row))} |`);
  return ["| what holds | over HTTP/2 |", "|---|---|", ...lines].join("\n");
}

function overHttp2(row: Row): string {
  if ("both" in row || typeof row.http2 === "function") return "the same";
  return "as" in row.http2 ? row.http2.as : `nothing of the kind: ${row.http2.none}`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

describe("docs/wire.md", () => {
  it("has a section for each group of rows, in order", () => {
    expect([...sections.keys()]).toEqual(groups.map(({ title }) => title));
  });

  it.each(groups)("lists what $title holds: write the rows as they are here", (group) => {
    expect(sections.get(group.title)).toBe(tableOf(group));
  });

  it("says how many rows there are", () => {
    const count = groups.reduce((sum, { rows }) => sum + rows.length, 0);
    expect(page).toContain(`${count} rows`);
  });
});
