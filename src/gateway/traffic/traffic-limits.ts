import type { Clock } from "../../clock.ts";
import { answers } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import { addressKey } from "../client-address.ts";
import type { Decision } from "../decide/decide.ts";
import { fullAddress, fullPreview, guessDelayMs, tooManyInvalid } from "../answers/limit-answers.ts";
import type { LimitCounts } from "./open-counts.ts";

/** An absent one is no limit. */
export interface TrafficLimitSettings {
  /** Requests and sockets under way at once on all links of a preview. */
  readonly connectionsPerPreview?: number;
  /** Connections; of a visitor whom a proxy brings, and over HTTP/2, requests and sockets under way. */
  readonly connectionsPerAddress?: number;
  /** Names without a genuine token that one address may ask for in a minute. */
  readonly invalidPerMinute?: number;
}

/** Whose request it is: an address where it comes from, and whose requests are counted one by one. */
export interface Asking {
  readonly remote: string | undefined;
  readonly visitor: string | undefined;
}

/** What a decision becomes where a limit is reached; the same decision where none is. */
export type LimitDecision = (decision: Decision, asking: Asking) => Decision;

interface LimitWorld extends Pick<LimitCounts, "previews" | "visitors" | "guesses"> {
  readonly clock: Clock;
}

/** So many addresses are told apart in a minute; whoever comes with more shares one allowance. */
const mostAddresses = 10_000;
const minuteMs = 60_000;
/** So many wrong links in a second, of all addresses together, are answered at once; the others come late. */
const mostPrompt = 100;

/**
 * Who guesses tokens is slowed down, and nobody else: genuine links are served whatever their address did,
 * since behind an edge all visitors may have one address.
 */
export function createTrafficLimits(settings: TrafficLimitSettings, world: LimitWorld): LimitDecision {
  const { connectionsPerPreview = Infinity, connectionsPerAddress = Infinity, invalidPerMinute = Infinity } = settings;
  let minute = 0;
  let second = 0;
  let prompt = 0;

  /** Counts one more, and tells whether that is over the limit. */
  function isOver(address: string): boolean {
    const now = Math.floor(world.clock.now() / minuteMs);
    const { guesses } = world;
    if (now !== minute) guesses.clear();
    minute = now;
    const own = `${minute} ${address}`;
    const known = guesses.of(own) > 0 || guesses.size() < mostAddresses ? own : `${minute}`;
    guesses.add(known);
    return guesses.of(known) > invalidPerMinute;
  }

  /** From however many addresses they come: guesses never take the processor from those who have a link. */
  function isCrowd(): boolean {
    const now = Math.floor(world.clock.now() / 1_000);
    prompt = now === second ? prompt + 1 : 1;
    second = now;
    return prompt > mostPrompt && invalidPerMinute !== Infinity;
  }

  function refusal(decision: Decision, { remote = "", visitor }: Asking): Answer | undefined {
    if (decision.kind === "door") return undefined;
    if (decision.kind === "forward") {
      if (world.previews.of(decision.route.previewId) >= connectionsPerPreview)
        return fullPreview(connectionsPerPreview);
      const open = visitor === undefined ? 0 : world.visitors.of(addressKey(visitor));
      return open >= connectionsPerAddress ? fullAddress(connectionsPerAddress) : undefined;
    }
    if (!isGuess(decision.answer)) return undefined;
    if (isOver(addressKey(visitor ?? remote))) return tooManyInvalid(invalidPerMinute);
    return isCrowd() ? { ...decision.answer, delayMs: guessDelayMs } : undefined;
  }

  return (decision, asking) => {
    const answer = refusal(decision, asking);
    if (answer === undefined) return decision;
    return { kind: "respond", answer, ...(decision.route === undefined ? {} : { route: decision.route }) };
  };
}

/** Wrong links and tokens, and of the login tickets, addresses and returns from the provider that are not good. */
function isGuess(answer: Answer): boolean {
  if (answer === answers.notFound || answer === answers.tokenRefused) return true;
  return answer.previewStatus === "ticket-refused" || answer.previewStatus === "login-refused";
}
