/** Who calls. */
export interface Principal {
  /** How it proved itself. */
  readonly kind: "local" | "bearer";
  readonly org: string;
  readonly user: string;
}

/** Principal, project and client session of one call; bound by the server from the transport, never from tool arguments. */
export interface RequestContext {
  readonly principal: Principal;
  /** The slug as the transport gave it; unverified until a use-case resolved it. */
  readonly projectSlug?: string;
  readonly sessionId?: string;
  readonly requestId: string;
}
