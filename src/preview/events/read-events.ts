import type { Principal, RequestContext } from "../../identity/context.ts";
import { grants, requireScope, ScopeError } from "../../scopes.ts";
import type { AccessOutput, AccessPage, EventOutput, EventPage, EventQuery, RecordQuery } from "./event-contract.ts";
import type { EventFeed } from "./event-feed.ts";
import type { AccessRecord, EventRecord, RecordFilter } from "./event-store.ts";
import { eventTable } from "./events.ts";
import type { EventType } from "./events.ts";
import type { Database } from "../store.ts";

/**
 * What happened, for who has scope `preview:read`: events and accesses of the caller's org, of its projects alone where
 * it is bound to some; what belongs to no project needs `admin`. A foreign project is as empty as an absent one.
 */
export interface EventUseCases {
  list(context: RequestContext, query: EventQuery): Promise<EventPage>;
  accesses(context: RequestContext, query: RecordQuery): Promise<AccessPage>;
  /** Throws what `list` throws; the batches are as of `EventFeed.follow`. */
  follow(context: RequestContext, query: EventQuery, options: FollowOptions): AsyncGenerator<EventOutput[], void>;
  /** Whether another principal may go on with what this one began. */
  isSame(context: RequestContext, query: EventQuery, principal: Principal): boolean;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** An empty batch comes at least so often. */
  readonly idleMs: number;
}

interface Deps {
  readonly db: Pick<Database, "events" | "accesses">;
  readonly feed: EventFeed;
}

export function createReadEvents({ db, feed }: Deps): EventUseCases {
  return {
    async list(context, query) {
      const { found, ...page } = await pageOf(db.events, query, filterOf(context, query));
      return { events: found.map(eventOutputOf), ...page };
    },
    async accesses(context, query) {
      const { found, ...page } = await pageOf(db.accesses, query, filterOf(context, query));
      return { accesses: found.map(accessOutputOf), ...page };
    },
    async *follow(context, query, options) {
      for await (const batch of feed.follow(filterOf(context, query), { after: query.after, ...options }))
        yield batch.map(eventOutputOf);
    },
    isSame: (context, query, principal) =>
      JSON.stringify(filterOf(context, query)) === JSON.stringify(filterOf({ ...context, principal }, query)),
  };
}

interface Reader<Found> {
  after(filter: RecordFilter, id: number, limit: number): Promise<Found[]>;
  newest(filter: RecordFilter, limit: number): Promise<Found[]>;
}

/** One more is asked for than is given, so as to tell whether there are more. */
async function pageOf<Found extends { readonly id: number }>(
  reader: Reader<Found>,
  { after, limit }: RecordQuery,
  filter: RecordFilter,
): Promise<{ found: Found[]; cursor: number; more: boolean }> {
  if (after === undefined) {
    const newest = await reader.newest(filter, limit);
    // where there is none, none is left out from the beginning on
    return { found: newest, cursor: newest.at(-1)?.id ?? 0, more: false };
  }
  const next = await reader.after(filter, after, limit + 1);
  const found = next.slice(0, limit);
  return { found, cursor: found.at(-1)?.id ?? after, more: next.length > limit };
}

function filterOf({ principal, projectSlug }: RequestContext, query: RecordQuery & { type?: string | undefined }) {
  requireScope(principal.scopes, "preview:read");
  const org = orgFor(principal, query.org);
  const project = query.project ?? projectSlug;
  const mayAll = principal.projects === undefined;
  const projects = project === undefined ? principal.projects : [project].filter((slug) => mayAll || isOneOf(slug));
  return {
    org,
    projects,
    type: query.type,
    orgWide: mayAll && project === undefined && grants(principal.scopes, "admin"),
  } satisfies RecordFilter;

  function isOneOf(slug: string): boolean {
    return principal.projects?.includes(slug) === true;
  }
}

function orgFor(principal: Principal, org = principal.org): string {
  if (org === principal.org || grants(principal.scopes, "operator")) return org;
  const hint = "Only the plane's own token reads the events of other orgs.";
  throw new ScopeError("operator", `events of org ${JSON.stringify(org)} need scope operator`, hint);
}

/** Nothing leaves that the type's schema does not name. */
function eventOutputOf({ id, at, type, org, project, userName, keyId, data }: EventRecord): EventOutput {
  const parsed = isEventType(type) ? eventTable[type].data.safeParse(data) : undefined;
  return {
    id,
    at: at.toISOString(),
    type,
    org,
    ...(project === undefined ? {} : { project }),
    ...(userName === undefined ? {} : { user: userName }),
    ...(keyId === undefined ? {} : { keyId }),
    data: parsed?.data ?? {},
  };
}

function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventTable, type);
}

function accessOutputOf({ userName, at, hour, ...access }: AccessRecord): AccessOutput {
  return {
    ...access,
    at: at.toISOString(),
    hour: hour.toISOString(),
    ...(userName === undefined ? {} : { user: userName }),
  };
}
