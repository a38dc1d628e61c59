/** How much is under way for each of many. Where gateways serve as one, `of` is that of all of them. */
export interface OpenCounts {
  add(key: string): void;
  remove(key: string): void;
  of(key: string): number;
  /** Keys that this gateway counts. */
  size(): number;
  /** Forgets what this gateway counted. */
  clear(): void;
}

/** What the limits ask for. */
export interface LimitCounts {
  /** Requests and sockets under way, by preview. */
  readonly previews: OpenCounts;
  /** The same, by address, as far as a proxy brought them or they share a connection. */
  readonly visitors: OpenCounts;
  /** Connections, by address, those of proxies apart. */
  readonly addresses: OpenCounts;
  /** Wrong links of the present minute, by minute and address. */
  readonly guesses: OpenCounts;
}

export function createLimitCounts(): LimitCounts {
  return {
    previews: createOpenCounts(),
    visitors: createOpenCounts(),
    addresses: createOpenCounts(),
    guesses: createOpenCounts(),
  };
}

export function createOpenCounts(): OpenCounts {
  const counts = new Map<string, number>();
  return {
    add: (key) => void counts.set(key, (counts.get(key) ?? 0) + 1),
    remove(key) {
      const count = (counts.get(key) ?? 0) - 1;
      if (count > 0) counts.set(key, count);
      else counts.delete(key);
    },
    of: (key) => counts.get(key) ?? 0,
    size: () => counts.size,
    clear: () => counts.clear(),
  };
}
