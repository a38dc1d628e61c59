import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { samples } from "./samples.ts";
import { chooseSamples } from "./support/choose-samples.ts";

const [first] = samples;

describe("the samples of the framework matrix", () => {
  it("have names of their own", () => {
    const names = samples.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it("edit text that their files hold", () => {
    for (const { name, files, edit } of samples)
      if (edit !== undefined) expect(files[edit.file], `${name}: ${edit.file}`).toContain(edit.from);
  });

  it("are behind every recorded result", () => {
    const recorded = readdirSync(fileURLToPath(new URL("results/", import.meta.url)));
    const known = samples.map(({ name }) => `${name}.json`);
    expect(recorded.filter((file) => !known.includes(file))).toEqual([]);
  });

  it("are all chosen when none is named, or those that are", () => {
    expect(chooseSamples(samples, undefined)).toEqual(samples);
    expect(chooseSamples(samples, ` ${first!.name} `)).toEqual([first]);
  });

  it("are listed when an unknown one is named", () => {
    expect(() => chooseSamples(samples, "no-such")).toThrow(
      `names no sample: no-such; there are: eight, ${first!.name}`,
    );
  });
});
