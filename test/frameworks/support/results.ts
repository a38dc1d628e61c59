import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import type { SeenSample } from "../run-sample.ts";
import type { Sample } from "../sample.ts";
import type { Scheme } from "./front.ts";
import type { SampleProject } from "./sample-project.ts";

/** How one front went; nothing was seen where it failed. */
export type FrontResult = SeenSample | "failed";

const folder = fileURLToPath(new URL("../results/", import.meta.url));

/** Writes the row of a sample that ran through both fronts. `docs/frameworks.md` is made from these files. */
export function recordResult(
  sample: Sample,
  project: Pick<SampleProject, "version" | "node">,
  fronts: Readonly<Record<Scheme, FrontResult>>,
): void {
  write(sample, {
    ...describe(sample),
    version: project.version,
    ...(sample.files["package.json"] === undefined ? {} : { node: project.node }),
    measured: new Date().toISOString().slice(0, 10),
    // how many programs wanted a core at the same time
    load: Math.round(loadavg()[0] ?? 0),
    ...(sample.edit === undefined ? {} : { follows: sample.edit.follows }),
    form: sample.form !== undefined,
    http: shown(fronts.http),
    https: shown(fronts.https),
  });
}

/** Writes the row of a sample that this machine cannot run, unless another machine did. */
export function recordSkip(sample: Sample, reason: string): void {
  if (!existsSync(fileOf(sample))) write(sample, { ...describe(sample), skipped: reason });
}

function describe({ name, title, note }: Sample): Record<string, unknown> {
  return { name, title, ...(note === undefined ? {} : { note }) };
}

/** Tenths of seconds: more would be noise. */
function shown(result: FrontResult): Record<string, unknown> {
  if (result === "failed") return { failed: true };
  const { framework, firstAnswerMs } = result;
  return { detected: framework, firstAnswerMs: Math.max(100, Math.round(firstAnswerMs / 100) * 100) };
}

function write(sample: Sample, row: Record<string, unknown>): void {
  const text = `${JSON.stringify(row, undefined, 2)}\n`;
  if (existsSync(fileOf(sample)) && readFileSync(fileOf(sample), "utf8") === text) return;
  writeFileSync(fileOf(sample), text);
}

function fileOf({ name }: Sample): string {
  return `${folder}${name}.json`;
}
