import type { LimitCounts, OpenCounts } from "../gateway/traffic/open-counts.ts";
import type { CountChanges } from "./messages.ts";

/** Counts of one worker that know what the others count, as of some milliseconds ago. */
export interface SharedCounts {
  readonly counts: LimitCounts;
  /** What changed here since it was asked last; undefined when nothing did. */
  changes(): CountChanges | undefined;
  takeOthers(changes: CountChanges): void;
}

/** `onChange` is called for the first change since `changes` was asked. */
export function createSharedCounts(onChange: () => void): SharedCounts {
  let changed = false;
  const touch = () => {
    if (changed) return;
    changed = true;
    onChange();
  };
  const counts = { previews: count(touch), visitors: count(touch), addresses: count(touch), guesses: count(touch) };
  return {
    counts,
    changes() {
      if (!changed) return undefined;
      changed = false;
      const { previews, visitors, addresses, guesses } = counts;
      return {
        previews: previews.changes(),
        visitors: visitors.changes(),
        addresses: addresses.changes(),
        guesses: guesses.changes(),
      };
    },
    takeOthers({ previews, visitors, addresses, guesses }) {
      counts.previews.takeOthers(previews);
      counts.visitors.takeOthers(visitors);
      counts.addresses.takeOthers(addresses);
      counts.guesses.takeOthers(guesses);
    },
  };
}

type Entries = readonly (readonly [key: string, count: number])[];

interface SharedCount extends OpenCounts {
  changes(): Entries;
  takeOthers(entries: Entries): void;
}

function count(onChange: () => void): SharedCount {
  const own = new Map<string, number>();
  const others = new Map<string, number>();
  const changed = new Set<string>();
  const set = (key: string, value: number) => {
    write(own, key, value);
    changed.add(key);
    onChange();
  };
  return {
    add: (key) => set(key, (own.get(key) ?? 0) + 1),
    remove: (key) => set(key, (own.get(key) ?? 0) - 1),
    of: (key) => (own.get(key) ?? 0) + (others.get(key) ?? 0),
    size: () => own.size,
    clear() {
      for (const key of own.keys()) set(key, 0);
    },
    changes() {
      const entries = Array.from(changed, (key) => [key, own.get(key) ?? 0] as const);
      changed.clear();
      return entries;
    },
    takeOthers(entries) {
      for (const [key, value] of entries) write(others, key, value);
    },
  };
}

function write(counts: Map<string, number>, key: string, value: number): void {
  if (value > 0) counts.set(key, value);
  else counts.delete(key);
}
