import type { Listener } from "./driver.ts";

/** One process as the operating system describes it at the moment of a scan. */
export interface ProcessEntry {
  readonly pid: number;
  readonly ppid: number;
  /** Process group id. */
  readonly group: number;
  readonly session: number;
  /** Comparable with `ProcessIdentity.startTime`: tells a process from a later one with the same pid. */
  readonly startTime: string;
  /** False for zombies: they hold no socket and cannot be signalled. */
  readonly alive: boolean;
  /** Value of the launch marker in its environment. */
  readonly launchId?: string;
}

/** A listening socket and the descriptor by which one process of the launch holds it. */
export interface HeldListener extends Listener {
  /** Descriptor number in process `pid`; absent where the system has no /proc. */
  readonly fd?: number;
  /** In another network namespace: it is not behind this host's addresses. */
  readonly foreign: boolean;
}

/** What the sandbox asks of the operating system. One implementation per system. */
export interface ProcessView {
  /** Every process. Without `fresh`, the answer may be a few milliseconds old. */
  scan(options?: { fresh?: boolean }): Promise<ReadonlyMap<number, ProcessEntry>>;
  /** One process as it is now; `undefined` when there is none. */
  identify(pid: number): Promise<ProcessEntry | undefined>;
  /**
   * The sockets on which these processes listen. `key` names the asker: an unchanged set of
   * sockets is answered from its previous answer, unless `fresh`.
   */
  listeners(key: string, pids: readonly number[], options?: { fresh?: boolean }): Promise<readonly HeldListener[]>;
  /** Whether this very socket is still open where it was found. Asked for every connection, so it is cheap on Linux. */
  isHeld(listener: HeldListener): Promise<boolean>;
  /**
   * Whether a socket beside `own` may be given connections to the address of `listener`: sockets of one user
   * that ask for it share a port (SO_REUSEPORT). Asked for every connection as well.
   */
  isShared(listener: HeldListener, own: readonly HeldListener[]): Promise<boolean>;
  /** Everything that listens on a port of this host, whoever holds it. */
  portListeners(port: number): Promise<readonly PortListener[]>;
  /** The sockets that listen on a port of this host, each with every process that holds it and can be seen. */
  portSockets(port: number): Promise<readonly PortSocket[]>;
  /** What a process runs, where, and as whom. */
  whereabouts(pid: number): Promise<Whereabouts>;
  /** Processor time that these processes have used, ms; `undefined` where the system does not tell cheaply. */
  cpuTimeMs(pids: readonly number[]): Promise<number | undefined>;
  /** Drops what was remembered for `key`. */
  forget(key: string): void;
}

/** A listening socket of any process; `pid` and `command` are absent when its holder cannot be seen. */
export interface PortListener {
  readonly address: string;
  readonly inode?: string;
  readonly pid?: number;
  readonly command?: string;
}

/** A listening socket, by its inode where the system has one. */
export interface PortSocket {
  readonly name: string;
  readonly pids: readonly number[];
}

export interface Whereabouts {
  readonly command: string;
  /** Real path of the working directory; absent when it is gone, or cannot be seen from here. */
  readonly directory?: string;
  /** Its user, by number; absent where the real and the effective one differ, or cannot be seen. */
  readonly user?: number;
}

/** Names the launch in the environment of everything that it starts, children that left its session included. */
export const launchMarker = "DEV_PREVIEW_LAUNCH_ID";
