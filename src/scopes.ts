import { PreviewError } from "./errors.ts";

/**
 * What a principal may do. Each scope includes those before it: who starts previews also reads them.
 * `operator` belongs to the plane's own token: it is never granted to a key.
 */
export const scopes = ["preview:read", "preview:write", "admin", "operator"] as const;
export type Scope = (typeof scopes)[number];

/** Scopes that a key may carry. */
export const grantableScopes = ["preview:read", "preview:write", "admin"] as const satisfies readonly Scope[];
export type GrantableScope = (typeof grantableScopes)[number];

/** True when one of `held` is `wanted`, or includes it. */
export function grants(held: readonly Scope[], wanted: Scope): boolean {
  const least = scopes.indexOf(wanted);
  return held.some((scope) => scopes.indexOf(scope) >= least);
}

/** `insufficient_scope`, with the scope that would do: HTTP answers name it in their challenge (RFC 6750). */
export class ScopeError extends PreviewError {
  readonly scope: Scope;

  constructor(scope: Scope, message: string, hint: string) {
    super("insufficient_scope", message, { hint });
    this.scope = scope;
  }
}

/** Throws `ScopeError`. */
export function requireScope(held: readonly Scope[], wanted: Scope): void {
  if (grants(held, wanted)) return;
  const carried = held.join(" ") || "none";
  throw new ScopeError(
    wanted,
    `the call needs scope ${wanted}`,
    `The key carries ${carried}; use one that has ${wanted}.`,
  );
}
