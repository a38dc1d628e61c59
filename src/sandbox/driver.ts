import type { OnReadOpts, Socket } from "node:net";

/** A process is (pid, start time, session): a pid alone may have been recycled. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque to everyone but the sandbox: boot id and clock ticks on Linux. */
  readonly startTime: string;
  /** Session id of the launch. */
  readonly session: number;
  /** Which processes belong to it; absent for the process of a launch, whose id says so. */
  readonly family?: ProcessFamily;
}

export type ProcessFamily =
  /** Itself and its descendants, nothing else: somebody else started it, and its session may be a person's terminal. */
  | { readonly of: "process"; readonly parent?: Pick<ProcessIdentity, "pid" | "startTime"> }
  /** That of a launch of ours, of which it serves another port. */
  | { readonly of: "launch"; readonly launchId: string };

/** The socket that a launch listens on, as the sandbox saw it. */
export interface Listener {
  readonly port: number;
  /** Bound address, e.g. `0.0.0.0`, `127.0.0.1`, `::`, `::1`. */
  readonly address: string;
  readonly pid: number;
  /** Socket inode (Linux): identifies this very socket for as long as it is open. */
  readonly inode?: string;
}

/** What a launch needs. The sandbox adds HOST, PORT and its own marker to `env`. */
export interface LaunchSpec {
  readonly launchId: string;
  /** POSIX sh command line, run as it is. */
  readonly command: string;
  readonly cwd: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** Directory that the launch is confined to: of the host it then sees this and the system, and nobody else's processes. */
  readonly confineTo?: string;
  /** What it may take of the host, as far as the host can be made to enforce it. */
  readonly limits?: LaunchLimits;
}

/** What one launch may take of the host, with all that it starts. An absent bound is none. */
export interface LaunchLimits {
  readonly memoryBytes?: number;
  /** Processors, e.g. 1.5. */
  readonly cpus?: number;
  /** Processes and threads together. */
  readonly processes?: number;
}

/** Whether launches can be kept apart on this host; if not, why, in a sentence without a full stop. */
export type IsolationSupport =
  | {
      readonly available: true;
      /** What stays open to launches all the same, in sentences without a full stop; absent: nothing that we know of. */
      readonly gaps?: readonly string[];
    }
  | { readonly available: false; readonly reason: string };

/** What is known of a launch at one moment. */
export interface Inspection {
  /** Any process of the launch is alive (zombies are not). */
  readonly alive: boolean;
  /** Every TCP socket on which a process of the launch listens. */
  readonly listeners: readonly Listener[];
  /** Exit code of the command (128 + signal), once it ended. */
  readonly exitCode?: number;
}

/** A process that holds a port and is not ours. */
export interface PortHolder {
  readonly pid?: number;
  /** Name of its program. Its arguments are left out: whoever started it chose them, and may have put a secret or a sentence there. */
  readonly program?: string;
}

/** Who listens on a port, as far as it can be seen. */
export interface PortUse {
  /** The listening sockets, each by a name of its own for as long as it is open. */
  readonly sockets: readonly string[];
  /** A socket has no holder that we can see: another user's, say. */
  readonly hidden: boolean;
  /** Every process that holds one of the sockets; the one from which the others descend, or the eldest, first. */
  readonly holders: readonly PortUser[];
}

export interface PortUser {
  readonly process: ProcessIdentity;
  readonly parent?: Pick<ProcessIdentity, "pid" | "startTime">;
  /** Its command line, redacted and short. */
  readonly command: string;
  /** Real path of its working directory; absent when that is gone, or cannot be seen from here. */
  readonly directory?: string;
  /** Its user, by number; absent where the real and the effective one differ, or cannot be seen. */
  readonly user?: number;
  /** The launch that it belongs to, of this or of any other plane. */
  readonly launchId?: string;
}

export interface LogChunk {
  readonly lines: readonly string[];
  /** Opaque; pass it back to continue after these lines. */
  readonly cursor: string;
  /** More lines exist after `cursor` right now. */
  readonly more: boolean;
  /** Lines or bytes before the first returned line were discarded by the size bound. */
  readonly dropped: boolean;
  /** What stands behind the last newline, when it was asked for: a question, say, or a line that is still being written. */
  readonly unfinished?: string;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Where a project's processes run. A launch is identified by its launch id (its files and its
 * environment marker) and its process identity; both survive the plane.
 */
export interface Sandbox {
  /** Stable id of the place, the same for every plane that reaches it (`local-<host>`). */
  readonly id: string;
  /** Asked only where launches are to be confined: the first answer costs a trial. */
  isolation(): Promise<IsolationSupport>;
  /**
   * Runs one sh script to its end, in a session of its own. Output is capped at 1 MiB per stream.
   * A script over its time is ended with all that it started, and has exit code 124; an abort
   * does the same and rejects with PreviewError `cancelled`.
   */
  exec(
    script: string,
    options: {
      cwd?: string;
      env?: Readonly<Record<string, string>>;
      timeoutMs: number;
      signal?: AbortSignal;
      onLine?: (line: string) => void;
    },
  ): Promise<ExecResult>;
  /**
   * Starts the command detached from the plane and returns once its process is recorded. Rejects
   * with PreviewError `repo_dir_missing`, `isolation_unavailable`, or `launch_failed` (also for a launch id
   * used before).
   */
  launch(spec: LaunchSpec): Promise<ProcessIdentity>;
  /** Finds the process of a launch by its files and marker: what a new plane does after a crash of the old. */
  find(launchId: string): Promise<ProcessIdentity | undefined>;
  inspect(launchId: string, process: ProcessIdentity): Promise<Inspection>;
  /**
   * Processor time that the living processes of a launch have used, ms. While it stands still they all
   * wait for something. `undefined` where the system does not tell.
   */
  cpuTimeMs(launchId: string, process: ProcessIdentity): Promise<number | undefined>;
  /**
   * Ends the whole session and whatever escaped it: TERM, then KILL after `graceMs`; returns when all is
   * gone and its ports are free. Of a process that somebody else started, itself and its descendants;
   * of another port of a launch, nothing: that ends with the launch. Rejects with PreviewError `stop_failed`.
   */
  stop(launchId: string, process: ProcessIdentity | undefined, options: { graceMs: number }): Promise<void>;
  /**
   * Lines after `cursor`, or the last `limit` without one. A last line without newline is held
   * back until the command has ended or nothing followed for a second.
   */
  readLog(
    launchId: string,
    options: { cursor?: string; limit: number; grep?: string; unfinished?: true },
  ): Promise<LogChunk>;
  /** Whether the kernel ended a process of the launch because that reached its limit of memory. */
  ranOutOfMemory(launchId: string): Promise<boolean>;
  /** Cuts a log file that outgrew its bound; called now and then while the launch lives. */
  trimLog(launchId: string): Promise<void>;
  /** Deletes the files of a launch that has ended. */
  forget(launchId: string): Promise<void>;
  /** A free port from the configured range, or the wanted one when it is free. Not reserved against other planes. */
  freePort(options: { wanted?: number; exclude: ReadonlySet<number> }): Promise<number | undefined>;
  /** Who listens on a port; `undefined` when nobody does. */
  portHolder(port: number): Promise<PortHolder | undefined>;
  /**
   * Who listens on a port, whoever started them. `launches` are told apart by more than their
   * marker, which a process can remove from its environment.
   */
  portUse(port: number, launches: readonly LaunchedProcess[]): Promise<PortUse>;
  /** How the gateway connects to a launch. */
  upstream(target: UpstreamTarget): Upstream;
  /** Resolves true while this process (of a plane, say) is alive. */
  isAlive(process: Pick<ProcessIdentity, "pid" | "startTime">): Promise<boolean>;
  close(): Promise<void>;
}

export interface LaunchedProcess {
  readonly launchId: string;
  readonly process: ProcessIdentity;
}

export interface UpstreamTarget {
  readonly launchId: string;
  readonly port: number;
  readonly process: ProcessIdentity;
  readonly listener: Listener;
}

/**
 * Opens connections to the dev server of one launch, and to nothing else: a connection is handed
 * out only after the listener behind it was shown to belong to the launch.
 */
export interface Upstream {
  /**
   * Rejects with a Node system error, or `UpstreamMovedError` when a stranger holds the port.
   * `onread` goes to `net.connect`, where there is one: it saves a buffer per read.
   */
  connect(options: { signal?: AbortSignal; onread?: OnReadOpts }): Promise<Socket>;
}
