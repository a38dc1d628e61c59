import { isDeepStrictEqual } from "node:util";
import type { LiveSession, Route, RouteChange, SessionChange } from "../preview/route.ts";

/** What turns the routes of one snapshot into those of another; undefined: nothing has to. */
export function routeDifference(before: Iterable<Route>, next: readonly Route[]): RouteChange | undefined {
  const [old, present] = [byPreview(before), byPreview(next)];
  const previewIds = [...new Set([...old.keys(), ...present.keys()])].filter(
    (previewId) => !isDeepStrictEqual(old.get(previewId), present.get(previewId)),
  );
  if (previewIds.length === 0) return undefined;
  return { previewIds, routes: previewIds.flatMap((previewId) => [...(present.get(previewId)?.values() ?? [])]) };
}

export function sessionDifference(
  before: Iterable<LiveSession>,
  next: readonly LiveSession[],
): SessionChange | undefined {
  const old = new Map(Array.from(before, (session) => [session.id, session]));
  const present = new Map(next.map((session) => [session.id, session]));
  const ids = [...new Set([...old.keys(), ...present.keys()])].filter(
    (id) => !isDeepStrictEqual(old.get(id), present.get(id)),
  );
  if (ids.length === 0) return undefined;
  return { ids, sessions: ids.map((id) => present.get(id)).filter((session) => session !== undefined) };
}

/** By link within each preview, so that their order does not count. */
function byPreview(routes: Iterable<Route>): Map<string, Map<string, Route>> {
  const groups = new Map<string, Map<string, Route>>();
  for (const route of routes) {
    const group = groups.get(route.previewId) ?? new Map<string, Route>();
    groups.set(route.previewId, group.set(route.linkId, route));
  }
  return groups;
}
