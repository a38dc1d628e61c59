import type { Actor } from "../preview/events/events.ts";
import type { LiveSession } from "../preview/route.ts";

/** Who somebody is, by the claims of the identity provider. */
export interface Person {
  /** Absent: the provider names none. */
  readonly org?: string;
  readonly user: string;
  /** Slugs of the projects that it may touch; absent: all of its org. */
  readonly projects?: readonly string[];
}

/** What binds an answer of the provider to the browser that asked; secrets of that browser. */
export interface LoginChecks {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The provider, as the login asks it. Methods reject with `identity_unavailable` when it cannot be asked. */
export interface OidcLogin {
  /** Where the browser is sent, and what its return must match. */
  begin(redirectUri: string): Promise<{ readonly url: string; readonly checks: LoginChecks }>;
  /** `returned` is the redirect URI with the query that came. Undefined when the provider or a check says no. */
  finish(returned: URL, checks: LoginChecks): Promise<Person | undefined>;
  /** Where the provider ends its own session; undefined when it does not say. */
  endUrl(returnTo: string): Promise<string | undefined>;
}

/** Where a browser wants to go. */
export interface GatedPlace {
  readonly sandboxId: string;
  readonly port: number;
}

export interface NewTicket extends GatedPlace {
  /** SHA-256 of the ticket, hex. The ticket itself is never stored. */
  readonly hash: string;
  readonly sessionId: string;
  /** SHA-256 of the secret of the browser that may redeem it, hex. */
  readonly browserHash: string;
  readonly path: string;
  readonly expiresAt: Date;
}

export interface SessionsOf {
  readonly org: string;
  readonly user?: string;
}

/** A session as administrators see it. */
export interface ShownSession {
  /** The first 16 digits of its id, as events name it. */
  readonly id: string;
  readonly org?: string;
  readonly user: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Sessions of people and tickets to previews, shared by all planes of a database. */
export interface LoginStore {
  insertSession(session: LiveSession): Promise<void>;
  /** Ends it on every plane; idempotent. */
  endSession(id: string): Promise<void>;
  /** The live ones of an org (of none: with the plane's own), or of one user of it, the oldest first. */
  listSessions(whose: SessionsOf, now: Date): Promise<ShownSession[]>;
  /** Ends them on every plane; returns how many there were. */
  endSessions(whose: SessionsOf, by: Actor): Promise<number>;
  insertTicket(ticket: NewTicket): Promise<void>;
  /** The ticket, once: whoever asks second gets undefined, as for one that is over or whose session ended. */
  takeTicket(hash: string, now: Date): Promise<(NewTicket & { readonly session: LiveSession }) | undefined>;
}

/** A request at the login's host, or below the reserved path of a gated host. */
export interface DoorRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  /** The gated host; absent: the login's own. */
  readonly place?: GatedPlace;
}

/** A page or a redirect of the login's. */
export interface DoorAnswer {
  readonly status: number;
  /** Value of `X-Preview-Status`. */
  readonly previewStatus: string;
  readonly title: string;
  readonly text: string;
  /** Alternating names and values. */
  readonly headers?: readonly string[];
  /** A button that posts to a path of the same host. */
  readonly form?: { readonly action: string; readonly label: string };
  /** A script of ours in the page. */
  readonly script?: "hand-over";
}
