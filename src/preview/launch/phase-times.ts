import type { PhaseName } from "../contract.ts";
import type { PreviewDeps } from "../deps.ts";

/** Measures the phases of one launch, which follow each other. */
export interface PhaseTimes {
  /** Ends the one before, if this is another. */
  enter(phase: PhaseName): void;
  /** Ends the last one. */
  end(): void;
}

export function createPhaseTimes({ clock, onPhaseEnd }: Pick<PreviewDeps, "clock" | "onPhaseEnd">): PhaseTimes {
  let current: { readonly phase: PhaseName; readonly since: number } | undefined;
  const end = () => {
    if (current !== undefined) onPhaseEnd?.(current.phase, clock.now() - current.since);
    current = undefined;
  };
  return {
    enter(phase) {
      if (current?.phase === phase) return;
      end();
      current = { phase, since: clock.now() };
    },
    end,
  };
}
