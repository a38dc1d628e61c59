import type { Clock } from "../clock.ts";
import { answers, fullPreview } from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { Decision } from "./decide.ts";
import type { OpenTraffic } from "./open-traffic.ts";

export interface TrafficLimitSettings {
  /** Requests and sockets under way at once on one link; absent: no limit. */
  readonly connectionsPerLink?: number;
  /** Names without a genuine token that one address may ask for in a minute; absent: no limit. */
  readonly invalidPerMinute?: number;
}

/** What a decision becomes where a limit is reached; the same decision where none is. */
export type LimitDecision = (decision: Decision, address: string | undefined) => Decision;

/** So many addresses are told apart in a minute; whoever comes with more shares one allowance. */
const mostAddresses = 10_000;
const minuteMs = 60_000;

/**
 * Who guesses tokens is slowed down, and nobody else: genuine links are served whatever their address did,
 * since behind an edge all visitors may have one address.
 */
export function createTrafficLimits(
  settings: TrafficLimitSettings,
  { clock, traffic }: { clock: Clock; traffic: Pick<OpenTraffic, "openOf"> },
): LimitDecision {
  const { connectionsPerLink = Infinity, invalidPerMinute = Infinity } = settings;
  const invalid = new Map<string, number>();
  let minute = 0;

  /** Counts one more, and tells whether that is over the limit. */
  function isOver(address: string): boolean {
    const now = Math.floor(clock.now() / minuteMs);
    if (now !== minute) invalid.clear();
    minute = now;
    const known = invalid.has(address) || invalid.size < mostAddresses ? address : "";
    const count = (invalid.get(known) ?? 0) + 1;
    invalid.set(known, count);
    return count > invalidPerMinute;
  }

  function refusal(decision: Decision, address = ""): Answer | undefined {
    if (decision.kind === "forward")
      return traffic.openOf(decision.route.linkId) >= connectionsPerLink ? fullPreview(connectionsPerLink) : undefined;
    if (decision.kind === "door") return undefined;
    const isGuess = decision.answer === answers.notFound || decision.answer === answers.tokenRefused;
    return isGuess && isOver(address) ? answers.tooManyInvalid : undefined;
  }

  return (decision, address) => {
    const answer = refusal(decision, address);
    if (answer === undefined) return decision;
    return { kind: "respond", answer, ...(decision.route === undefined ? {} : { route: decision.route }) };
  };
}
