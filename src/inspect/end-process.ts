import { giveUpAfter } from "../in-time.ts";

export interface EndOptions {
  /** Asks it to end. */
  readonly politely: () => Promise<void>;
  /** How long that may take. */
  readonly withinMs: number;
}

/** Ends a process that leads a group of its own, and the group: asked first, killed when it does not go. */
export async function endProcess(pid: number, { politely, withinMs }: EndOptions): Promise<void> {
  const asked = politely().catch(() => undefined);
  await giveUpAfter(withinMs, asked);
  killGroup(pid);
  // with its process gone, the one that asked has its answer
  await asked;
}

/** Kills what there is of a group: helpers that outlive their parent belong to it. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // the group is empty: everything had ended
  }
}
