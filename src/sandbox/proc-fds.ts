import { readdirSync, readlinkSync } from "node:fs";

/** The sockets that a process has open (Linux), by descriptor and inode; none when it is not ours to see. */
export function socketsOf(pid: number): [fd: number, inode: string][] {
  const directory = `/proc/${pid}/fd`;
  return listDirectory(directory).flatMap((name) => {
    const inode = socketInode(`${directory}/${name}`);
    return inode === undefined ? [] : [[Number(name), inode]];
  });
}

/** The inode of the socket behind a descriptor; `undefined` for anything else. */
export function socketInode(path: string): string | undefined {
  const target = readLink(path);
  return target?.startsWith("socket:[") ? target.slice(8, -1) : undefined;
}

/** Every process that there is. */
export function listPids(): number[] {
  return listDirectory("/proc").map(Number).filter(Number.isInteger);
}

export function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // closed meanwhile, or not ours to see
    return undefined;
  }
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    // the process ended, or runs as another user
    return [];
  }
}
