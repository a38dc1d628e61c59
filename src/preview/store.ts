import type { Listener, ProcessIdentity } from "../sandbox/driver.ts";
import type { LinkRecord, PreviewRecord, PreviewState, ProjectRecord } from "./record.ts";
import type { AccessStore, EventStore } from "./events/event-store.ts";
import type { Actor, Told } from "./events/events.ts";
import type { Claimant } from "./limits.ts";
import type { Problem } from "./problem.ts";
import type { MaxVisibility } from "./links/visibility.ts";
import type { RouteFeed } from "./route.ts";
import type { IdleStore } from "./sleep/idle-store.ts";

/**
 * What the use-cases ask of the database. Every state change is one conditional statement that
 * returns the changed row, or `undefined` when its condition did not hold (somebody else won).
 * All methods throw `PreviewError("database_unavailable")` when the server cannot be reached.
 * Each change is on record as an event, in the same transaction; `by` is who it says made it.
 */
export interface ProjectStore {
  /** Registers, or returns the registered one when org, driver and root are the same; `undefined` on a conflict of slug. */
  put(
    project: Pick<ProjectRecord, "org" | "slug" | "sandboxDriver" | "workspaceRoot">,
    by?: Actor,
  ): Promise<ProjectRecord | undefined>;
  bySlug(org: string, slug: string): Promise<ProjectRecord | undefined>;
  /** Of whatever org: for work that no caller asked for. */
  byId(id: string): Promise<ProjectRecord | undefined>;
  list(org: string): Promise<ProjectRecord[]>;
  /** Workspaces of other projects, of any org, that lie below this directory. */
  rootsBelow(directory: string): Promise<string[]>;
  /** Deletes the project with its stopped previews and their links; refuses (undefined) while a preview is live. */
  remove(org: string, slug: string, by?: Actor): Promise<ProjectRecord | undefined>;
}

export type NewPreview = Pick<
  PreviewRecord,
  | "projectId"
  | "name"
  | "launchId"
  | "sandboxId"
  | "planeId"
  | "command"
  | "repoDir"
  | "framework"
  | "readyPath"
  | "signed"
  | "hostMode"
  | "socketScript"
  | "attached"
  | "env"
  | "requestedPort"
  | "expiresAt"
  | "keepaliveMs"
  | "asked"
> & {
  /** The launch of the sleeping preview that this one wakes. */
  readonly wakes?: string;
  /** Who attaches it, for the record; a claimant says so itself. */
  readonly by?: Actor;
};

export interface PreviewStore {
  /**
   * Claims (project, name): inserts a `starting` row, or takes over the row of a preview that is no
   * longer live (same id, new launch). `undefined` when a live one holds the name.
   * Live links of the taken-over preview follow to the new launch only where the port is the same.
   * With `wakes`, takes over the row of that sleeping launch instead, and every live link follows; `undefined`
   * when it sleeps no more.
   * With a claimant, throws `limit_reached` where one more would be over a limit: of callers that race for the
   * last place, one gets it.
   */
  claim(preview: NewPreview, claimant?: Claimant): Promise<PreviewRecord | undefined>;
  byId(id: string): Promise<PreviewRecord | undefined>;
  byName(projectId: string, name: string): Promise<PreviewRecord | undefined>;
  byPort(projectId: string, port: number): Promise<PreviewRecord | undefined>;
  /** Newest first within state order: live ones before ended ones. */
  list(projectId: string, options: { includeStopped: boolean }): Promise<PreviewRecord[]>;
  /** Live previews of one sandbox, of every project: what a plane watches and adopts. */
  listLive(sandboxId: string): Promise<PreviewRecord[]>;
  /** Records the launched process; only while `starting` and no stop was requested. */
  recordProcess(launchId: string, process: ProcessIdentity): Promise<PreviewRecord | undefined>;
  /** Records the port really bound, and the project's active preview; only while live and no stop was requested. */
  recordListener(launchId: string, listener: Listener): Promise<PreviewRecord | undefined>;
  /** One conditional transition out of one of `from`; extra columns are set with it. */
  transition(launchId: string, change: StateChange): Promise<PreviewRecord | undefined>;
  /** Marks the stop before the process is killed, so that routes are cut first; idempotent. */
  requestStop(previewId: string, by?: Actor): Promise<PreviewRecord | undefined>;
  /** Hands a launch of a dead plane to a living one; `undefined` when another took it first. */
  adopt(launchId: string, from: string, to: string): Promise<PreviewRecord | undefined>;
  /** Sets what is given of these; undefined when there is no such preview. */
  share(previewId: string, sharing: Sharing, by?: Actor): Promise<PreviewRecord | undefined>;
  /** Moves `lastRequestAt` forward for many previews in one statement. */
  touch(requests: readonly { previewId: string; at: Date }[]): Promise<void>;
}

/** Who sees a preview, and where; absent: as it was. */
export type Sharing = Partial<Pick<PreviewRecord, "embedOrigins" | "guests">>;

export interface StateChange {
  readonly from: readonly PreviewState[];
  readonly to: PreviewState;
  readonly problems?: readonly Problem[];
  readonly exitCode?: number;
  readonly httpStatus?: number;
  readonly readyMs?: number;
  readonly servesHtml?: boolean;
  /** Why it ends: `restart`, `expired`; for the event. */
  readonly cause?: string;
  readonly by?: Actor;
}

export interface WantedLink {
  readonly launchId: string;
  readonly port: number;
  readonly gated: boolean;
  /** A further link; absent: the preview's own. */
  readonly label?: string;
}

export interface LinkStore {
  /** The live (not revoked, not expired at `now`) link of this launch, port and kind with the furthest expiry. */
  live(wanted: WantedLink, now: Date): Promise<LinkRecord | undefined>;
  /** Inserts a link; `undefined` when the preview's launch is no longer live (stopped meanwhile). Throws `limit_reached` beyond `mostLinks`. */
  insert(link: Omit<LinkRecord, "createdAt" | "revokedAt">, by?: Actor): Promise<LinkRecord | undefined>;
  isLive(id: string, now: Date): Promise<boolean>;
  /** Revokes one preview's live links, optionally all but one, or those of a label (null: its own) alone; returns how many. */
  revoke(previewId: string, options?: { exceptId?: string; label?: string | null } & Told): Promise<number>;
  /** The live links of a preview's present launch, in the order in which they were made. */
  list(preview: Pick<PreviewRecord, "id" | "launchId">, now: Date): Promise<LinkRecord[]>;
  /**
   * Ends what shows previews to more people than their org may: signed links, and guests. Returns how many links.
   */
  narrow(most: MaxVisibility): Promise<number>;
  /** Revokes a live link of a preview of this project; `undefined` when there is none of this id. */
  revokeOne(projectId: string, id: string, told?: Told): Promise<LinkRecord | undefined>;
}

/** A port reserved on a host until it is bound; guards against two planes picking the same one. */
export interface LeaseStore {
  /** False when another launch holds the port; an expired lease is taken over. */
  reserve(lease: { sandboxId: string; port: number; launchId: string; expiresAt: Date }): Promise<boolean>;
  /** Ports of a host that are reserved at present. */
  held(sandboxId: string): Promise<number[]>;
  /** The leases of one launch become another's. */
  handOver(lease: { from: string; to: string; expiresAt: Date }): Promise<void>;
  /** Releases every lease of a launch; idempotent. */
  release(launchId: string): Promise<void>;
}

export interface PlaneRecord {
  readonly id: string;
  readonly sandboxId: string;
  readonly pid: number;
  readonly startTime: string;
  readonly seenAt: Date;
}

/** The planes that share a database, so that one takes over what another left. */
export interface PlaneStore {
  /** Registers or refreshes this plane; called every few seconds. */
  beat(plane: { id: string; sandboxId: string; pid: number; startTime: string }): Promise<void>;
  byId(id: string): Promise<PlaneRecord | undefined>;
  /** Every plane that signed on in the last days, whether it lives or not. */
  all(): Promise<PlaneRecord[]>;
  remove(id: string): Promise<void>;
}

/** Fingerprints of the signing keys in use: planes on one database must sign alike. */
export interface KeyStore {
  /** Records (keyId, fingerprint); returns the fingerprint on record, which differs when keys were not shared. */
  agree(keyId: number, fingerprint: string): Promise<string>;
}

/** Everything a plane keeps in Postgres. */
export interface Database {
  readonly projects: ProjectStore;
  readonly previews: PreviewStore;
  readonly links: LinkStore;
  readonly leases: LeaseStore;
  readonly planes: PlaneStore;
  readonly keys: KeyStore;
  readonly events: EventStore;
  readonly accesses: AccessStore;
  readonly idle: IdleStore;
  routeFeed(): RouteFeed;
  /** Calls back with preview ids that changed (from any plane); returns a function that ends it. */
  onPreviewChange(listener: (previewId: string) => void): () => void;
  /** Calls back when there may be new events, of any plane; returns a function that ends it. */
  onEvents(listener: () => void): () => void;
  /** Resolves when the database answers; rejects with `database_unavailable`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
