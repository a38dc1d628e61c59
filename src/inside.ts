import { sep } from "node:path";

/** Both absolute and real, or both as they were written; a directory is inside itself. */
export function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}
