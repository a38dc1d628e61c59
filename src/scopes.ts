/**
 * What a principal may do. Each scope includes those before it: who starts previews also reads them.
 * `operator` belongs to the plane's own token: it is never granted to a key.
 */
export const scopes = ["preview:read", "preview:write", "admin", "operator"] as const;
export type Scope = (typeof scopes)[number];

/** Scopes that a key or a token of an identity provider may carry. */
export const grantableScopes = ["preview:read", "preview:write", "admin"] as const satisfies readonly Scope[];
export type GrantableScope = (typeof grantableScopes)[number];

/** True when one of `held` is `wanted`, or includes it. */
export function grants(held: readonly Scope[], wanted: Scope): boolean {
  const least = scopes.indexOf(wanted);
  return held.some((scope) => scopes.indexOf(scope) >= least);
}
