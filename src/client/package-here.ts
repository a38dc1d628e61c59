import type { ClientConfig } from "../settings.ts";
import { currentDirectory, findWorkingTree, packageFolderOf } from "./working-tree.ts";

/**
 * The package of the current directory, relative to the project: who works in a package of a larger
 * tree means that one. Undefined where the configuration names the project, or the plane is elsewhere.
 */
export function packageHere({ root, project, url }: ClientConfig): string | undefined {
  if (root !== undefined || project !== undefined || url !== undefined) return undefined;
  const here = currentDirectory();
  return packageFolderOf(findWorkingTree(here), here);
}
