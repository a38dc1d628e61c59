import type { NewEvent } from "./events.ts";

/** As stored. `id` grows with time: nothing ever appears below one that could be read. */
export interface EventRecord {
  readonly id: number;
  readonly at: Date;
  readonly type: string;
  readonly org: string;
  /** Slug; absent: it belongs to the whole org. */
  readonly project?: string;
  readonly userName?: string;
  readonly keyId?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Who was let through by a link, once for each hour. */
export interface AccessRecord {
  readonly id: number;
  readonly at: Date;
  readonly org: string;
  readonly project: string;
  readonly previewId: string;
  readonly linkId: string;
  readonly kind: AccessKind;
  /** Of a member the beginning of the session's id, else a hash; empty for `others`. */
  readonly visitor: string;
  readonly userName?: string;
  /** Beginning of the hour. */
  readonly hour: Date;
}

/** A person who logged in, a machine with a gated link's token, whoever has a signed link, and those too many to tell apart. */
export const accessKinds = ["member", "token", "visitor", "others"] as const;
export type AccessKind = (typeof accessKinds)[number];

export type NewAccess = Pick<AccessRecord, "linkId" | "kind" | "visitor" | "userName" | "hour">;

export interface RecordFilter {
  readonly org: string;
  /** Slugs; absent: every project of the org. */
  readonly projects?: readonly string[] | undefined;
  /** Also what belongs to no project; of events alone. */
  readonly orgWide: boolean;
  readonly type?: string | undefined;
}

/** Events and accesses are read alike: oldest first. */
interface RecordReader<Found> {
  /** Those with a greater id. */
  after(filter: RecordFilter, id: number, limit: number): Promise<Found[]>;
  /** The last ones. */
  newest(filter: RecordFilter, limit: number): Promise<Found[]>;
  /** Deletes some of what is older; returns how many. */
  sweep(before: Date): Promise<number>;
}

export type CountedEvent = NewEvent & { readonly count: number };

export interface EventStore extends RecordReader<EventRecord> {
  /** What belongs to a preview that is gone is left out. */
  append(events: readonly CountedEvent[]): Promise<void>;
  /** Of every org, for whoever passes them on. */
  allAfter(id: number, limit: number): Promise<EventRecord[]>;
  /** The greatest id that can be read; 0 without any. */
  lastId(): Promise<number>;
}

export interface AccessStore extends RecordReader<AccessRecord> {
  /** Who is on record for this link and hour is passed over, and so is a link that is gone. */
  record(accesses: readonly NewAccess[]): Promise<void>;
}
