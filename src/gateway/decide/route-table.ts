import type { Route, RouteChange } from "../../preview/route.ts";
import { answers } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import { createGatedPlaces } from "./gated-places.ts";
import { refusalOf } from "./refusal.ts";

export interface RouteTableOptions {
  /** A link vanished, moved to another launch, lost a guest, or its preview ended: open traffic of it must be cut, with this answer. */
  readonly onLinkGone: (linkId: string, answer: Answer) => void;
  /** No route leads to this launch any more: connections to it must not be used again. */
  readonly onLaunchGone: (launchId: string) => void;
}

/** Every live link of the plane, by link id. Requests are answered from here alone. */
export interface RouteTable {
  get(linkId: string): Route | undefined;
  /** The gated link of a place that its members come in by. */
  gatedAt(place: { readonly sandboxId: string; readonly port: number }): Route | undefined;
  /** True once the first snapshot arrived; stays true through registry trouble. */
  loaded(): boolean;
  values(): Iterable<Route>;
  replaceAll(routes: readonly Route[]): void;
  apply(change: RouteChange): void;
}

type PreviewRoutes = ReadonlyMap<string, Route>;

const noRoutes: PreviewRoutes = new Map();

export function createRouteTable(options: RouteTableOptions): RouteTable {
  const byLink = new Map<string, Route>();
  const byPreview = new Map<string, PreviewRoutes>();
  const gated = createGatedPlaces();
  let loaded = false;

  /** The new routes are in place before anything of the old ones is cut. */
  const replacePreview = (previewId: string, next: PreviewRoutes) => {
    const before = byPreview.get(previewId) ?? noRoutes;
    if (next.size === 0) byPreview.delete(previewId);
    else byPreview.set(previewId, next);
    for (const linkId of before.keys()) if (!next.has(linkId)) byLink.delete(linkId);
    for (const route of next.values()) byLink.set(route.linkId, route);
    gated.replace(before.values(), next.values());
    announce(options, before, next);
  };

  return {
    get: (linkId) => byLink.get(linkId),
    gatedAt: (place) => gated.at(place),
    loaded: () => loaded,
    values: () => byLink.values(),
    replaceAll(routes) {
      const next = groupByPreview(routes);
      loaded = true;
      for (const previewId of byPreview.keys()) if (!next.has(previewId)) replacePreview(previewId, noRoutes);
      for (const [previewId, group] of next) replacePreview(previewId, group);
    },
    apply(change) {
      const next = groupByPreview(change.routes);
      for (const previewId of change.previewIds) replacePreview(previewId, next.get(previewId) ?? noRoutes);
    },
  };
}

function announce(options: RouteTableOptions, before: PreviewRoutes, next: PreviewRoutes): void {
  const launches = new Set<string>();
  for (const route of next.values()) if (refusalOf(route) === undefined) launches.add(route.launchId);
  for (const route of before.values()) {
    const now = next.get(route.linkId);
    const answer = cutAnswer(route, now);
    if (answer !== undefined) options.onLinkGone(route.linkId, answer);
    if (!launches.has(route.launchId)) options.onLaunchGone(route.launchId);
  }
}

/** What the clients of a link's old route are told, or undefined when the route goes on. */
function cutAnswer(before: Route, now: Route | undefined): Answer | undefined {
  if (now === undefined) return answers.gone;
  const refusal = refusalOf(now);
  // who still may comes again at once; who it was that lost the right is not worth telling apart
  if (shutsOut(before, now)) return answers.sessionEnded;
  return refusal ?? (now.launchId === before.launchId ? undefined : answers.starting);
}

function shutsOut(before: Route, now: Route): boolean {
  const guests = new Set(now.gated?.guests);
  return before.gated?.guests.some((guest) => !guests.has(guest)) === true;
}

/** By preview, and there by link. */
export function groupByPreview(routes: Iterable<Route>): Map<string, Map<string, Route>> {
  const groups = new Map<string, Map<string, Route>>();
  for (const route of routes) {
    const group = groups.get(route.previewId);
    if (group === undefined) groups.set(route.previewId, new Map([[route.linkId, route]]));
    else group.set(route.linkId, route);
  }
  return groups;
}
