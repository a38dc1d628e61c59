import type { Answer } from "../answers/answer.ts";

/** Something that keeps sockets open on behalf of a link. */
export interface Cuttable {
  /** Ends it now, on both sides; a client that still waits for its answer is given this one. */
  cut(answer: Answer): void;
  /** No further request will be answered on its connection; false when it is too late to tell the client. */
  beLast(): boolean;
  /** Ends it the way its protocol has for a server that goes, as soon as that fits in; what has no such way is cut. */
  goAway(answer: Answer): void;
}

/** What is in flight, by link (or by session, where one lets it in): answers that are still coming and upgraded sockets. */
export interface OpenTraffic {
  add(linkId: string, item: Cuttable): void;
  remove(linkId: string, item: Cuttable): void;
  cut(linkId: string, answer: Answer): void;
  /** Cuts what belongs to links of which `isLive` says no. */
  cutUnless(isLive: (linkId: string) => boolean, answer: Answer): void;
}

export function createOpenTraffic(): OpenTraffic {
  const links = new Map<string, Set<Cuttable>>();
  const cut = (linkId: string, answer: Answer) => {
    const items = links.get(linkId);
    links.delete(linkId);
    for (const item of items ?? []) item.cut(answer);
  };
  return {
    add(linkId, item) {
      const items = links.get(linkId);
      if (items === undefined) links.set(linkId, new Set([item]));
      else items.add(item);
    },
    remove(linkId, item) {
      const items = links.get(linkId);
      if (items?.delete(item) === true && items.size === 0) links.delete(linkId);
    },
    cut,
    cutUnless(isLive, answer) {
      for (const linkId of links.keys()) if (!isLive(linkId)) cut(linkId, answer);
    },
  };
}
