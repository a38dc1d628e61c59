import { upward } from "../package-manager.ts";

/** The folders that npm puts in front of PATH, seen from a package: its own and those of the packages around it. */
export function binFolders(directory: string): string {
  return upward(directory)
    .map((_, level) => `$PWD/${"../".repeat(level)}node_modules/.bin`)
    .join(":");
}
