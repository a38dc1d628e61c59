import { setTimeout as delay } from "node:timers/promises";
import { PreviewError } from "../errors.ts";
import type { ProcessIdentity } from "./driver.ts";
import type { FamilyTracker } from "./family-tracker.ts";
import type { HeldListener, ProcessEntry, ProcessView } from "./process-view.ts";

export interface StopContext {
  readonly view: ProcessView;
  readonly tracker: FamilyTracker;
}

export interface StopOptions {
  readonly launchId: string;
  readonly root: ProcessIdentity | undefined;
  /** Milliseconds between TERM and KILL. */
  readonly graceMs: number;
  /** Ends whatever the launch holds by the kernel's own record of it, where there is one. */
  readonly killAll?: () => Promise<void>;
}

const rescanMs = 25;
/** After KILL only a process in uninterruptible sleep, or of another user, can remain. */
const killMs = 5_000;

/**
 * Ends every process of the launch and returns once they are gone and none of their listening
 * sockets is left. Children born or found meanwhile are signalled as well.
 */
export async function stopFamily(context: StopContext, options: StopOptions): Promise<void> {
  const { view, tracker } = context;
  const begunAt = performance.now();
  const told = new Set<string>();
  const listeners = new Map<string, HeldListener>();
  for (;;) {
    const members = await tracker.members(options.launchId, options.root, { fresh: true });
    await collectListeners(context, { ...options, members, listeners });
    const open = members.length === 0 ? await stillOpen(view, listeners) : [];
    if (members.length === 0 && open.length === 0) return;
    const elapsedMs = performance.now() - begunAt;
    if (elapsedMs > options.graceMs + killMs) throw stopFailed(options.launchId, members, open);
    const targets = withoutSupervisor(members, options.root);
    if (elapsedMs >= options.graceMs) {
      await options.killAll?.();
      await signalFamily(view, targets, "SIGKILL");
    } else await signalFamily(view, untold(targets, told), "SIGTERM");
    await delay(rescanMs);
  }
}

/** Remembers the sockets of a launch before its processes end, to see them close. */
async function collectListeners(
  { view }: StopContext,
  {
    launchId,
    members,
    listeners,
  }: { launchId: string; members: readonly ProcessEntry[]; listeners: Map<string, HeldListener> },
): Promise<void> {
  const pids = members.map((entry) => entry.pid);
  for (const listener of await view.listeners(launchId, pids)) {
    listeners.set(listener.inode ?? `${listener.address}:${listener.port}`, listener);
  }
}

async function stillOpen(view: ProcessView, listeners: ReadonlyMap<string, HeldListener>): Promise<number[]> {
  const open = await Promise.all(
    Array.from(listeners.values(), async ({ port, inode }) => {
      const present = await view.portListeners(port);
      return inode !== undefined && present.some((other) => other.inode === inode) ? [port] : [];
    }),
  );
  return open.flat();
}

/**
 * The supervisor is left alone while its command lives: it ends by itself after writing down how
 * the command ended.
 */
function withoutSupervisor(members: readonly ProcessEntry[], root: ProcessIdentity | undefined): ProcessEntry[] {
  const supervisor = members.find((entry) => entry.pid === root?.pid)?.ppid;
  return members.filter((entry) => entry.pid !== supervisor);
}

/** TERM goes to each process once: many servers take a second one for impatience and skip their clean-up. */
function untold(members: readonly ProcessEntry[], told: Set<string>): ProcessEntry[] {
  const news = members.filter((entry) => !told.has(keyOf(entry)));
  for (const entry of news) told.add(keyOf(entry));
  return news;
}

function keyOf(entry: ProcessEntry): string {
  return `${entry.pid} ${entry.startTime}`;
}

/**
 * Signals whole groups where every process of the group is meant, which reaches children forked
 * at this very moment, and single processes otherwise. Each is looked at again right before:
 * a pid that now belongs to another process is never signalled, nor are we ourselves.
 */
async function signalFamily(
  view: ProcessView,
  members: readonly ProcessEntry[],
  signal: NodeJS.Signals,
): Promise<void> {
  const processes = await view.scan();
  const meant = new Set(members.map((entry) => entry.pid));
  const outside = new Set<number>();
  for (const entry of processes.values()) if (entry.alive && !meant.has(entry.pid)) outside.add(entry.group);
  const groups = new Set<number>();
  for (const entry of members) {
    const now = await view.identify(entry.pid);
    if (!now?.alive || now.startTime !== entry.startTime || entry.pid === process.pid || entry.pid <= 1) continue;
    const wholeGroup = now.group > 1 && !outside.has(now.group);
    if (!wholeGroup) send(entry.pid, signal);
    else if (!groups.has(now.group)) {
      groups.add(now.group);
      send(-now.group, signal);
    }
  }
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // ESRCH: it ended meanwhile. EPERM: it runs as another user and is named when the stop fails.
  }
}

function stopFailed(launchId: string, members: readonly ProcessEntry[], ports: readonly number[]): PreviewError {
  const pids = members.map((entry) => entry.pid);
  const what = pids.length > 0 ? `processes ${pids.join(", ")} still run` : `ports ${ports.join(", ")} are still open`;
  return new PreviewError("stop_failed", `launch ${launchId} could not be stopped: ${what}`, {
    hint: "Look at these processes (ps -fp) and end them by hand; they may run as another user or wait for a device.",
  });
}
