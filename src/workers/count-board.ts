import type { LimitCounts } from "../gateway/traffic/open-counts.ts";
import type { CountChanges } from "./messages.ts";

/** What each worker counts, so that each can be told what the others do. */
export interface CountBoard {
  /** `tell` is given what all the others count, as far as it changed, some milliseconds after it did. */
  join(worker: object, tell: (others: CountChanges) => void): void;
  take(worker: object, changes: CountChanges): void;
  /** What it counted has ended with it. */
  leave(worker: object): void;
  close(): void;
}

type Kind = keyof LimitCounts;
const kinds = ["previews", "visitors", "addresses", "guesses"] as const satisfies readonly Kind[];

interface Member {
  readonly tell: (others: CountChanges) => void;
  readonly counts: Readonly<Record<Kind, Map<string, number>>>;
}

/** With the worker's own pause it bounds for how long a limit of the plane may be exceeded. */
const pauseMs = 25;

export function createCountBoard(): CountBoard {
  const members = new Map<object, Member>();
  const totals = newCounts();
  const changed: Readonly<Record<Kind, Set<string>>> = {
    previews: new Set(),
    visitors: new Set(),
    addresses: new Set(),
    guesses: new Set(),
  };
  let timer: NodeJS.Timeout | undefined;

  function set({ counts }: Member, kind: Kind, [key, value]: readonly [string, number]): void {
    const own = counts[kind];
    write(totals[kind], key, (totals[kind].get(key) ?? 0) + value - (own.get(key) ?? 0));
    write(own, key, value);
    changed[kind].add(key);
    timer ??= setTimeout(tellAll, pauseMs).unref();
  }

  function othersOf({ counts }: Member, kind: Kind): CountChanges[Kind] {
    return Array.from(changed[kind], (key) => {
      const others = (totals[kind].get(key) ?? 0) - (counts[kind].get(key) ?? 0);
      return [key, others] as const;
    });
  }

  function tellAll(): void {
    timer = undefined;
    for (const member of members.values()) member.tell(eachKind((kind) => othersOf(member, kind)));
    for (const kind of kinds) changed[kind].clear();
  }

  return {
    join(worker, tell) {
      const member = { tell, counts: newCounts() };
      members.set(worker, member);
      member.tell(eachKind((kind) => [...totals[kind]]));
    },
    take(worker, changes) {
      const member = members.get(worker);
      if (member === undefined) return;
      for (const kind of kinds) for (const entry of changes[kind]) set(member, kind, entry);
    },
    leave(worker) {
      const member = members.get(worker);
      if (member === undefined) return;
      members.delete(worker);
      for (const kind of kinds) for (const key of member.counts[kind].keys()) set(member, kind, [key, 0]);
    },
    close: () => clearTimeout(timer),
  };
}

function eachKind(of: (kind: Kind) => CountChanges[Kind]): CountChanges {
  return {
    previews: of("previews"),
    visitors: of("visitors"),
    addresses: of("addresses"),
    guesses: of("guesses"),
  };
}

function newCounts(): Readonly<Record<Kind, Map<string, number>>> {
  return { previews: new Map(), visitors: new Map(), addresses: new Map(), guesses: new Map() };
}

function write(counts: Map<string, number>, key: string, value: number): void {
  if (value > 0) counts.set(key, value);
  else counts.delete(key);
}
