import type { OnReadOpts, Socket } from "node:net";
import type { Listener, ProcessIdentity } from "../sandbox/driver.ts";
import type { HostMode, PreviewState } from "./record.ts";

/**
 * One live link as the gateway needs it. A link that is absent from the route table is gone:
 * stop, rotate, expiry and revoke all end as the removal of a route.
 */
export interface Route {
  readonly linkId: string;
  readonly previewId: string;
  readonly launchId: string;
  readonly sandboxId: string;
  readonly port: number;
  readonly tokenHash: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly state: PreviewState;
  readonly hostMode: HostMode;
  readonly socketScript: boolean;
  readonly process?: ProcessIdentity;
  readonly listener?: Listener;
  /** Origins that may show the preview in a frame; absent: as the app itself says. */
  readonly embedOrigins?: readonly string[];
  /** Why it sleeps on, or ended, in sentences of ours; only while it does. */
  readonly problems?: readonly string[];
  /** The link is behind the login; its token is for machines, and holds at the gated host alone. */
  readonly gated?: GatedRoute;
}

/** Whose the preview behind a gated link is. */
export interface GatedRoute {
  readonly org: string;
  /** Slug. */
  readonly project: string;
  /** Users that pass besides the members of the org. */
  readonly guests: readonly string[];
  /** A further link: it opens to its token alone, and nobody else comes in by it. */
  readonly tokenOnly?: boolean;
}

/** Somebody who logged in, and whose session is neither over nor ended. */
export interface LiveSession {
  /** SHA-256 of the secret in the browser, hex. */
  readonly id: string;
  /** Absent: the provider names none. */
  readonly org?: string;
  readonly user: string;
  /** Slugs of the projects that it may touch; absent: all of its org. */
  readonly projects?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A change of sessions: these, complete; absent ones have ended. */
export interface SessionChange {
  readonly ids: readonly string[];
  readonly sessions: readonly LiveSession[];
}

/** A change of the route table: the routes of these previews, complete; absent links are gone. */
export interface RouteChange {
  readonly previewIds: readonly string[];
  readonly routes: readonly Route[];
}

/** Sessions are told before the routes of the same snapshot. Who has routes taken up elsewhere says when that is done. */
export interface RouteListener {
  onSnapshot(routes: readonly Route[]): Promise<void> | void;
  onChange(change: RouteChange): Promise<void> | void;
  onSessions?(sessions: readonly LiveSession[]): void;
  onSessionChange?(change: SessionChange): void;
}

/**
 * Where the gateway learns its routes. `onChange` is called with every change after `start`
 * resolved its first snapshot; on trouble the last known routes stay valid.
 */
export interface RouteFeed {
  /** Loads the snapshot, then follows changes until closed. */
  start(listener: RouteListener): Promise<void>;
  /** True while changes are being received; false while the registry cannot be reached. */
  healthy(): boolean;
  close(): Promise<void>;
}

/**
 * Opens one connection to the dev server behind a route. Rejects with a Node system error, or with
 * `UpstreamMovedError` when the port is held by somebody else than the route's launch.
 * `onread` is a hint, for `net.connect`: a dialer that cannot pass it on may ignore it.
 */
export type Dial = (route: Route, options: { signal?: AbortSignal; onread?: OnReadOpts }) => Promise<Socket>;
