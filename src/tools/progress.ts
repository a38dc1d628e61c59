import type { Phase, PhaseName } from "../preview/contract.ts";

export interface ProgressNote {
  /** Phases done so far; grows with every note. */
  readonly progress: number;
  readonly total: number;
  readonly message: string;
}

/**
 * Turns phases into progress notes. A phase told again, or one that comes after a later phase, still
 * moves the number up (by ever less), because the protocol wants it to grow with each note.
 */
export function createProgress(phases: readonly PhaseName[]): (phase: Phase) => ProgressNote {
  let done = -1;
  let repeats = 0;
  return ({ name, message }) => {
    const index = phases.indexOf(name);
    if (index > done) {
      done = index;
      repeats = 0;
    } else repeats += 1;
    return { progress: done + repeats / (repeats + 1), total: phases.length, message };
  };
}
