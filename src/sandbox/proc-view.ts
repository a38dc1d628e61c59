import { isIPv6 } from "node:net";
import { listPids, readLink, socketInode, socketsOf } from "./proc-fds.ts";
import { readBootId, readStat } from "./proc-stat.ts";
import { createProcTable } from "./proc-table.ts";
import { commandLine, whereabouts } from "./proc-whereabouts.ts";
import type { HeldListener, PortListener, PortSocket, ProcessView } from "./process-view.ts";
import { createPortTable, dialAddress, readListeningSockets } from "./socket-table.ts";
import type { PortTable } from "./socket-table.ts";

interface Held {
  readonly pid: number;
  readonly fd: number;
}

interface Answer {
  /** The socket inodes that the processes held when the tables were read. */
  readonly sockets: string;
  /** Since when they hold these. */
  readonly heldSince: number;
  readonly readAt: number;
  readonly listeners: readonly HeldListener[];
}

/**
 * A socket may start to listen late in its life. An unchanged set of sockets is believed for a
 * tenth of the time since its last change, within these bounds.
 */
const believedMs = { least: 100, most: 10_000 } as const;
const ownNamespace = "self";

/** Linux: processes and sockets from /proc, without another program. */
export function createProcView(): ProcessView {
  const table = createProcTable(readBootId());
  const answers = new Map<string, Answer>();
  const portTable = createPortTable();

  return {
    scan: ({ fresh = false } = {}) => Promise.resolve(table.scan({ fresh })),
    identify: (pid) => Promise.resolve(table.identify(pid)),
    async listeners(key, pids, { fresh = false } = {}) {
      const held = heldSockets(pids);
      if (held.size === 0) {
        answers.delete(key);
        return [];
      }
      const sockets = [...held.keys()].sort().join();
      const last = answers.get(key);
      const known = last?.sockets === sockets ? last : undefined;
      const now = performance.now();
      if (known && !fresh && isBelieved(known, now)) return known.listeners;
      const listeners = await joinListeners(held);
      answers.set(key, { sockets, heldSince: known?.heldSince ?? now, readAt: now, listeners });
      return listeners;
    },
    isHeld: ({ pid, fd, inode }) => Promise.resolve(socketInode(`/proc/${pid}/fd/${fd}`) === inode),
    isShared: (listener, own) => Promise.resolve(isShared(portTable, listener, own)),
    portListeners,
    portSockets,
    whereabouts,
    cpuTimeMs: (pids) => Promise.resolve(cpuTimeMs(pids)),
    forget: (key) => void answers.delete(key),
  };
}

function isShared(portTable: PortTable, { port, address }: HeldListener, own: readonly HeldListener[]): boolean {
  const dialled = dialAddress(address);
  const wanted = new Set([address, dialled]);
  const inodes = new Set(own.map(({ inode }) => inode));
  return portTable(isIPv6(dialled) ? "/proc/net/tcp6" : "/proc/net/tcp", port).some(
    (socket) => wanted.has(socket.address) && !inodes.has(socket.inode),
  );
}

/** USER_HZ is 100 on every processor that Node runs on. */
const msPerTick = 10;

function cpuTimeMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (readStat(pid)?.cpuTicks ?? 0) * msPerTick, 0);
}

function isBelieved({ heldSince, readAt }: Answer, now: number): boolean {
  const believed = Math.min(believedMs.most, Math.max(believedMs.least, (readAt - heldSince) / 10));
  return now - readAt < believed;
}

/** Inode to holder. A socket held by several processes (a cluster) is given to the first. */
function heldSockets(pids: readonly number[]): Map<string, Held> {
  const held = new Map<string, Held>();
  for (const pid of pids.toSorted((a, b) => a - b)) {
    for (const [fd, inode] of socketsOf(pid)) if (!held.has(inode)) held.set(inode, { pid, fd });
  }
  return held;
}

async function joinListeners(held: ReadonlyMap<string, Held>): Promise<HeldListener[]> {
  const tables = await Promise.all(
    Array.from(namespacesOf(held), async ([namespace, pid]) => {
      const foreign = namespace !== ownNamespace;
      const sockets = await readListeningSockets(foreign ? `/proc/${pid}/net` : "/proc/net", held);
      return sockets.map((socket) => ({ ...socket, foreign }));
    }),
  );
  return tables.flat().flatMap((socket) => {
    const holder = held.get(socket.inode);
    return holder ? [{ ...socket, ...holder }] : [];
  });
}

/** Network namespace to one process in it; always holds our own. */
function namespacesOf(held: ReadonlyMap<string, Held>): Map<string, number> {
  const own = readLink("/proc/self/ns/net");
  const namespaces = new Map([[ownNamespace, process.pid]]);
  for (const pid of new Set(Array.from(held.values(), (holder) => holder.pid))) {
    const namespace = readLink(`/proc/${pid}/ns/net`);
    if (namespace !== undefined && namespace !== own) namespaces.set(namespace, pid);
  }
  return namespaces;
}

async function portListeners(port: number): Promise<PortListener[]> {
  const sockets = (await readListeningSockets("/proc/net")).filter((socket) => socket.port === port);
  if (sockets.length === 0) return [];
  const held = heldSockets(listPids());
  return sockets.map(({ address, inode }) => {
    const pid = held.get(inode)?.pid;
    return { address, inode, ...(pid === undefined ? {} : { pid, command: commandLine(pid) }) };
  });
}

async function portSockets(port: number): Promise<PortSocket[]> {
  const sockets = (await readListeningSockets("/proc/net")).filter((socket) => socket.port === port);
  if (sockets.length === 0) return [];
  const holders = new Map<string, number[]>(sockets.map(({ inode }) => [inode, []]));
  for (const pid of listPids()) {
    for (const inode of new Set(socketsOf(pid).map(([, held]) => held))) holders.get(inode)?.push(pid);
  }
  return Array.from(holders, ([name, pids]) => ({ name, pids }));
}
