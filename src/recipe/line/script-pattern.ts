import { matchesWildcard } from "../wildcard.ts";
import type { InnerLine, Scripts } from "./inner-line.ts";
import type { ScriptRun } from "./script-run.ts";
import { quoted } from "./shell-line.ts";

/**
 * The scripts that pnpm runs side by side for an expression: `pnpm run "/^dev:/"`. `undefined` for a run
 * of one script, and for an expression of more than letters, `.*`, anchors and one choice: it is the
 * project's, and a real one could keep us busy for ever.
 */
export function patternLines(run: ScriptRun, scripts: Scripts, isWhole: boolean): readonly InnerLine[] | undefined {
  const expression = /^\/(.+)\/$/.exec(run.script)?.[1];
  if (run.runner !== "pnpm" || expression === undefined) return undefined;
  const patterns = wildcardsOf(expression);
  const names = Object.keys(scripts).filter((name) => patterns.some((each) => matchesWildcard(name, each, "\n")));
  const lines = names.map((name) => `pnpm run ${quoted(name)}`);
  return lines.map((line, nth) => ({
    line,
    rebuild: (changed) => (isWhole ? `(${[...lines.with(nth, changed), "wait"].join(" & ")})` : undefined),
  }));
}

function wildcardsOf(expression: string): readonly string[] {
  const [, start = "", before = "", choice = "", after = "", end = ""] =
    /^(\^?)([\w:.*-]*)(?:\(([\w:.*|-]+)\))?([\w:.*-]*)(\$?)$/.exec(expression) ?? [];
  const bodies = choice.split("|").map((each) => before + each + after);
  const readable = bodies.filter((body) => body !== "" && !/[.*]/.test(body.replaceAll(".*", "")));
  return readable.map((body) => `${start === "" ? "**" : ""}${body.replaceAll(".*", "**")}${end === "" ? "**" : ""}`);
}
