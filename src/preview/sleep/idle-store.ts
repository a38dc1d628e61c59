import type { Problem } from "../problem.ts";
import type { PreviewRecord } from "../record.ts";

/** Which previews of a sandbox have been without a visit for too long. */
export interface IdleRule {
  readonly sandboxId: string;
  /** The plane that puts them to sleep, and owns them from then on. */
  readonly planeId: string;
  readonly now: Date;
  /** Of every org; 0: never. */
  readonly idleMs: number;
  /** Of single orgs instead, by name. */
  readonly idleMsByOrg: Readonly<Record<string, number>>;
}

/** How many previews of a project, and of an org, may sleep on one host; absent: as many as there are. */
export interface SleepBounds {
  readonly mostOfProject?: number;
  readonly mostOfOrg?: number;
}

/** What sleep, expiry and cleaning ask of the database; each change is one conditional statement. */
export interface IdleStore {
  /**
   * `ready` and `unhealthy` previews without activity for so long become `idle`, with the previews of their
   * further ports. Attached ones never do by themselves.
   */
  sleep(rule: IdleRule): Promise<PreviewRecord[]>;
  /** Records that the processes of a sleeping launch are gone. */
  slept(launchId: string): Promise<PreviewRecord | undefined>;
  /** A wake that was refused: the preview sleeps on, and says why. */
  refuseWake(launchId: string, problems: readonly Problem[]): Promise<PreviewRecord | undefined>;
  /** Asks the planes of the preview's sandbox to wake it; nothing unless it sleeps. */
  requestWake(previewId: string): Promise<void>;
  /** From now on it sleeps only without a visit for so long. */
  keepAlive(previewId: string, keepaliveMs: number): Promise<void>;
  /** Releases ports that are kept for a launch that sleeps no more: its plane died before it did so. */
  dropLeases(of: { readonly sandboxId: string; readonly now: Date }): Promise<void>;
  /** Asks to stop the previews whose last link expired, or whose own life is over. */
  expire(of: { readonly sandboxId: string; readonly now: Date }): Promise<PreviewRecord[]>;
  /** Asks to stop those that sleep longest, where more sleep than may. */
  crowdOut(bounds: SleepBounds & { readonly sandboxId: string; readonly now: Date }): Promise<PreviewRecord[]>;
  /** Asks to stop the longest sleeping preview of the project, else of its org; `undefined` where none sleeps. */
  makeRoom(of: {
    readonly sandboxId: string;
    readonly projectId: string;
    readonly now: Date;
  }): Promise<PreviewRecord | undefined>;
  /** Up to a hundred previews that ended before then, the oldest first. */
  ended(of: { readonly sandboxId: string; readonly before: Date }): Promise<PreviewRecord[]>;
  /** Deletes an ended preview with its links; false when it was started again meanwhile. */
  remove(ended: Pick<PreviewRecord, "id" | "launchId">): Promise<boolean>;
  /** True for one plane of a sandbox at a time, until `until`. */
  takeTurn(turn: {
    readonly sandboxId: string;
    readonly planeId: string;
    readonly now: Date;
    readonly until: Date;
  }): Promise<boolean>;
}
