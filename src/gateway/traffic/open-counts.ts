/** How much is under way for each of many. */
export interface OpenCounts {
  add(key: string): void;
  remove(key: string): void;
  of(key: string): number;
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
  };
}
