import { realpathSync } from "node:fs";
import { basename, delimiter, dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isInside } from "../../inside.ts";

/** Programs live in folders of these names, beside the libraries that they load. */
const programFolders = new Set(["bin", "sbin", "shims"]);
/** What every sandbox shows anyway. */
const system = ["/usr", "/bin", "/sbin", "/opt", "/nix", "/snap"];

/** In these of a home, what lies beside the programs is the user's own: tokens of registries, keyrings, state. */
const personal = [".local", ".cargo", ".config", ".docker"];

interface Host {
  /** PATH, as launches inherit it. */
  readonly path: string;
  /** Home of the plane's user: never shown whole. */
  readonly home: string;
  readonly nodeExecutable: string;
}

/**
 * Directories outside of the system that hold programs of the PATH (`~/.nvm/versions/node/v22/bin`: the
 * whole of `v22`), the Node that runs the plane, and the plane's package, whose static server serves plain
 * folders. A directory that holds the home is no such place, and of the home itself only what lies below, of
 * `~/.local` and the like only the programs.
 */
export function readablePaths({ path, home, nodeExecutable }: Host): string[] {
  const folders = [...path.split(delimiter).filter((folder) => folder.startsWith("/")), dirname(nodeExecutable)];
  const candidates = folders.flatMap((folder) => [folder, ...realOf(folder)]).map((folder) => placeOf(folder, home));
  const all = [...candidates, ...ownPackage()];
  return [...new Set(all)].filter((place) => !isInside(home, place) && !system.some((root) => isInside(place, root)));
}

/** The folder's parent where that is the prefix of an installation, else the folder itself. */
function placeOf(folder: string, home: string): string {
  const prefix = dirname(folder);
  const isInstallation = programFolders.has(basename(folder)) && !personal.includes(relative(home, prefix));
  return isInstallation && !isInside(home, prefix) ? prefix : folder;
}

/** `dist` (or `src`) and what it depends on. */
function ownPackage(): string[] {
  const code = resolve(fileURLToPath(import.meta.url), "../../..");
  return [code, resolve(code, "../node_modules")].flatMap(realOf);
}

function realOf(path: string): string[] {
  try {
    return [realpathSync(path)];
  } catch {
    // a folder of the PATH that is not there
    return [];
  }
}
