import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import type { Sample, SampleNeed } from "../sample.ts";

/** Why a sample cannot run here: what to install; `undefined` when nothing is missing. */
export function missingPrograms({ needs = [] }: Sample): string | undefined {
  const missing = needs.filter((need) => !isThere(need));
  if (missing.length === 0) return undefined;
  const programs = missing.map(({ program, check }) => check?.join(" ") ?? program).join(", ");
  const packages = [...new Set(missing.map(({ debian }) => debian))].join(" ");
  return `needs ${programs}: apt-get install ${packages}`;
}

function isThere({ program, check }: SampleNeed): boolean {
  const found = isAbsolute(program)
    ? existsSync(program)
    : (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
  if (!found || check === undefined) return found;
  const [file, ...args] = check;
  return spawnSync(file, args, { stdio: "ignore" }).status === 0;
}
