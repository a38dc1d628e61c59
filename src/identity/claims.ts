/** Where claims of a token say who somebody is; a dot leads into an object: `realm_access.roles`. */
export interface PersonClaims {
  readonly org: string;
  readonly user: string;
  /** Slugs; a token without this claim reaches every project of the org. */
  readonly projects: string;
  /**
   * The plane's own org, whose projects run with all that the plane may do: no claim makes somebody of it. Undefined
   * where the operator lets the provider name it.
   */
  readonly refusedOrg: string | undefined;
}

interface Named {
  readonly org: string;
  readonly user: string;
  readonly projects?: readonly string[];
}

type Claims = Readonly<Record<string, unknown>>;

/** Who the bearer is, or which claims are missing for that; an org that is refused is missing. */
export function personOf(payload: Claims, names: PersonClaims): Named | { readonly missing: readonly string[] } {
  const claimed = claimAt(payload, names.org);
  const org = claimed === names.refusedOrg ? undefined : claimed;
  const user = claimAt(payload, names.user);
  const projects = claimAt(payload, names.projects);
  const missing = [
    ...(isName(org) ? [] : [names.org]),
    ...(isName(user) ? [] : [names.user]),
    ...(projects === undefined || isNames(projects) ? [] : [names.projects]),
  ];
  if (!isName(org) || !isName(user) || missing.length > 0) return { missing };
  return { org, user, ...(isNames(projects) ? { projects } : {}) };
}

/** Who is of no org; undefined when that, or who it is, cannot be told. */
export function guestOf(payload: Claims, names: PersonClaims): { readonly user: string } | undefined {
  const user = claimAt(payload, names.user);
  return isName(user) && claimAt(payload, names.org) === undefined ? { user } : undefined;
}

/** A name with dots in it, as some providers' are, is looked for whole first. */
export function claimAt(payload: Claims, path: string): unknown {
  if (Object.hasOwn(payload, path)) return payload[path];
  return path
    .split(".")
    .reduce<unknown>(
      (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
      payload,
    );
}

export function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isName);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= 200 && !/\p{C}/u.test(value);
}

function isObject(value: unknown): value is Claims {
  return typeof value === "object" && value !== null;
}
