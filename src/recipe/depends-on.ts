import type { Package } from "./package.ts";

/** Whether a package depends on one of these; any does where none is named. */
export async function dependsOnAny(within: Package, names: readonly string[] | undefined): Promise<boolean> {
  if (names === undefined) return true;
  for (const name of names) {
    if (await within.dependsOn(name)) return true;
  }
  return false;
}
