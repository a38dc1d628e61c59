import type { Scope } from "../scopes.ts";

/** Who calls. */
export interface Principal {
  /** How it proved itself: as the user of this machine, with the plane's own token, an API key, or a token of the identity provider. */
  readonly kind: "local" | "bearer" | "key" | "jwt";
  readonly org: string;
  readonly user: string;
  readonly scopes: readonly Scope[];
  /** Slugs of the projects that it may touch; absent: all of its org. */
  readonly projects?: readonly string[];
  /** The API key that it proved itself with. */
  readonly keyId?: string;
}

/** Principal, project and client session of one call; bound by the server from the transport, never from tool arguments. */
export interface RequestContext {
  readonly principal: Principal;
  /** The slug as the transport gave it; unverified until a use-case resolved it. */
  readonly projectSlug?: string;
  readonly sessionId?: string;
  readonly requestId: string;
}
