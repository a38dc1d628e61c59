import type { Config } from "../settings.ts";

/** How often the reaper looks, ms. */
export function sweepEveryMs(config: Config): number {
  return aFourthOfIdle(config, 10_000);
}

/** How often the gateway writes down who was visited, ms. */
export function usesEveryMs(config: Config): number {
  return aFourthOfIdle(config, 5_000);
}

/** So that a short time of idleness, too, is kept nearly to the moment. */
function aFourthOfIdle({ idleSeconds, orgs }: Config, mostMs: number): number {
  const single = Object.values(orgs).flatMap(({ idleSeconds: own }) => (own === undefined ? [] : [own]));
  const shortest = Math.min(...[idleSeconds, ...single].filter((seconds) => seconds > 0));
  return Math.max(100, Math.min(mostMs, shortest * 250));
}
