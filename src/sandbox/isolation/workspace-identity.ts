import { constants } from "node:fs";
import { open, readlink } from "node:fs/promises";
import { PreviewError } from "../../errors.ts";

export interface WorkspaceIdentity {
  readonly uid: number;
  readonly gid: number;
  /** `<device>:<inode>`. */
  readonly identity: string;
}

/**
 * The directory that lies at this very path, by no link on the way to it. Throws `repo_dir_outside_workspace` for
 * another: a dev server that may write a folder above it can put a link there, to the folder of another org.
 */
export async function workspaceIdentity(workspace: string): Promise<WorkspaceIdentity> {
  const directory = await open(workspace, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const real = await readlink(`/proc/self/fd/${directory.fd}`);
    if (real !== workspace) throw replaced(workspace);
    const { uid, gid, dev, ino } = await directory.stat({ bigint: true });
    return { uid: Number(uid), gid: Number(gid), identity: `${dev}:${ino}` };
  } finally {
    await directory.close();
  }
}

function replaced(workspace: string): PreviewError {
  return new PreviewError("repo_dir_outside_workspace", `workspace ${workspace} is a link now, to elsewhere`, {
    hint: "Put the directory back that was registered, or register the project anew.",
  });
}
