/** Something that keeps sockets open on behalf of a link. */
export interface Cuttable {
  /** Ends it now, on both sides. */
  cut(): void;
}

/** What is in flight, by link: answers that are still coming and upgraded sockets. */
export interface OpenTraffic {
  add(link: { readonly linkId: string; readonly expiresAt: number }, item: Cuttable): void;
  remove(linkId: string, item: Cuttable): void;
  cut(linkId: string): void;
  /** Cuts what belongs to links that expired; `now` in milliseconds since the epoch. */
  cutExpired(now: number): void;
  size(): number;
}

interface LinkTraffic {
  expiresAt: number;
  readonly items: Set<Cuttable>;
}

export function createOpenTraffic(): OpenTraffic {
  const links = new Map<string, LinkTraffic>();
  const cut = (linkId: string) => {
    const link = links.get(linkId);
    links.delete(linkId);
    for (const item of link?.items ?? []) item.cut();
  };
  return {
    add({ linkId, expiresAt }, item) {
      const link = links.get(linkId);
      if (link === undefined) links.set(linkId, { expiresAt, items: new Set([item]) });
      else {
        link.expiresAt = expiresAt;
        link.items.add(item);
      }
    },
    remove(linkId, item) {
      const link = links.get(linkId);
      if (link?.items.delete(item) === true && link.items.size === 0) links.delete(linkId);
    },
    cut,
    cutExpired(now) {
      for (const [linkId, link] of links) if (link.expiresAt <= now) cut(linkId);
    },
    size: () => {
      let count = 0;
      for (const link of links.values()) count += link.items.size;
      return count;
    },
  };
}
