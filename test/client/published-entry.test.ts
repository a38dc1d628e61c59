import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** Everything that a module imports at run time, followed through our own files. */
function importsOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const source = readFileSync(file, "utf8");
  for (const [, from = ""] of source.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "([^"]+)";$/gms)) {
    if (from.startsWith(".")) importsOf(resolve(dirname(file), from), seen);
    else seen.add(from);
  }
  return seen;
}

describe("the published client", () => {
  it("runs wherever fetch is: it imports zod and our own files, nothing of Node or of the server", () => {
    const source = fileURLToPath(new URL("../../src/", import.meta.url));
    const entry = join(source, "client", "client.ts");
    expect(existsSync(entry)).toBe(true);
    const imported = [...importsOf(entry)];
    expect(imported.filter((name) => !name.startsWith(source))).toEqual(["zod"]);
  });
});
