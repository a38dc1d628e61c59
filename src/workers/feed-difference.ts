import { isDeepStrictEqual } from "node:util";
import { groupByPreview } from "../gateway/decide/route-table.ts";
import type { LiveSession, Route, RouteChange, SessionChange } from "../preview/route.ts";

/** What turns the routes of one snapshot into those of another; undefined: nothing has to. */
export function routeDifference(before: Iterable<Route>, next: readonly Route[]): RouteChange | undefined {
  // by link within each preview, so that their order does not count
  const present = groupByPreview(next);
  const previewIds = changedKeys(groupByPreview(before), present);
  if (previewIds.length === 0) return undefined;
  return { previewIds, routes: previewIds.flatMap((previewId) => [...(present.get(previewId)?.values() ?? [])]) };
}

export function sessionDifference(
  before: Iterable<LiveSession>,
  next: readonly LiveSession[],
): SessionChange | undefined {
  const old = new Map(Array.from(before, (session) => [session.id, session]));
  const present = new Map(next.map((session) => [session.id, session]));
  const ids = changedKeys(old, present);
  if (ids.length === 0) return undefined;
  return { ids, sessions: ids.map((id) => present.get(id)).filter((session) => session !== undefined) };
}

/** Keys of what came, went or is another now. */
function changedKeys(old: ReadonlyMap<string, unknown>, present: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...old.keys(), ...present.keys()])].filter(
    (key) => !isDeepStrictEqual(old.get(key), present.get(key)),
  );
}
