import type { Route } from "../../preview/route.ts";

interface Place {
  readonly sandboxId: string;
  readonly port: number;
}

/** The gated routes by the place that their host name tells. */
export interface GatedPlaces {
  /** The preview's own that lives longest: a further link lets nobody in but who has its token. */
  at(place: Place): Route | undefined;
  replace(before: Iterable<Route>, next: Iterable<Route>): void;
}

export function createGatedPlaces(): GatedPlaces {
  const places = new Map<string, Map<string, Route>>();
  const remove = ({ linkId, ...place }: Route): void => {
    const links = places.get(keyOf(place));
    links?.delete(linkId);
    if (links?.size === 0) places.delete(keyOf(place));
  };
  const add = (route: Route): void => {
    if (route.gated === undefined || route.gated.tokenOnly === true) return;
    const links = places.get(keyOf(route)) ?? new Map<string, Route>();
    places.set(keyOf(route), links.set(route.linkId, route));
  };
  return {
    at: (place) => [...(places.get(keyOf(place))?.values() ?? [])].toSorted((a, b) => b.expiresAt - a.expiresAt)[0],
    replace(before, next) {
      for (const route of before) remove(route);
      for (const route of next) add(route);
    },
  };
}

function keyOf({ sandboxId, port }: Place): string {
  return `${port}-${sandboxId}`;
}
