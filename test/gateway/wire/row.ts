import type { Front } from "./front.ts";

/** Shows over a front that a row holds, or fails. */
export type Play = (front: Front) => Promise<void>;

/** What a row means to a protocol that says it otherwise. */
export interface Counterpart {
  readonly as: string;
  readonly play: Play;
}

/** Why a protocol has nothing of the kind. */
export interface Absence {
  readonly none: string;
}

/** One behaviour on the wire. */
export type Row = { readonly name: string } & (
  | { readonly both: Play }
  | { readonly http1: Play | Absence; readonly http2: Play | Counterpart | Absence }
);

export interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** A row over one front. */
export type Shown = { readonly title: string } & ({ readonly play: Play } | Absence);

export function show(row: Row, front: Front["name"]): Shown {
  const { name: title } = row;
  if ("both" in row) return { title, play: row.both };
  const shown = front === "HTTP/1.1" ? row.http1 : row.http2;
  if (typeof shown === "function") return { title, play: shown };
  return "as" in shown ? { title: `${title} (${shown.as})`, play: shown.play } : { title, none: shown.none };
}
