import { createHmac } from "node:crypto";
import type { Clock } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import type { NewAccess } from "../../preview/events/event-store.ts";
import type { SigningKeys } from "../../preview/links/token.ts";
import { addressKey } from "../client-address.ts";
import type { Decision } from "../decide/decide.ts";

/** Told every few seconds who came for the first time in this hour; a rejection brings them again. */
export type OnAccesses = (accesses: readonly NewAccess[]) => Promise<void>;

export interface Visitor {
  readonly address: string;
  /** `User-Agent`. */
  readonly agent: string;
}

/** Notes who is let through by which link, once for each hour: a request of somebody known costs a look into a set. */
export interface AccessTally {
  record(decision: Extract<Decision, { kind: "forward" }>, visitor: Visitor): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface Latest extends Visitor {
  readonly linkId: string;
}

interface Options {
  readonly onAccesses?: OnAccesses;
  readonly userOf: (sessionId: string) => string | undefined;
  readonly keys: SigningKeys;
  readonly clock: Clock;
  readonly logger: Logger;
}

const flushMs = 5_000;
const hourMs = 3_600_000;
/** Whoever has a link may come as ever so many visitors; those beyond are one entry, `others`. */
const mostOfLink = 1_000;
const mostInAll = 20_000;
/** Of what waits for the database, so much more is kept for people who logged in: strangers take none of it. */
const mostForMembers = 20_000;
const agentCharacters = 128;

export function createAccessTally({ onAccesses, userOf, keys, clock, logger }: Options): AccessTally {
  const seen = new Map<string, Set<string>>();
  /** Who came last: mostly the same again, which costs less to see than to look up. */
  let latest: Latest | undefined;
  /** Sessions at links: nobody makes them up, so that they need no bound of ours. */
  const members = new Set<string>();
  let inAll = 0;
  let hour = 0;
  let waiting: NewAccess[] = [];
  let lost = 0;
  let writing: Promise<void> | undefined;

  function turn(now: number): void {
    const present = Math.floor(now / hourMs);
    if (present === hour) return;
    hour = present;
    inAll = 0;
    seen.clear();
    latest = undefined;
    members.clear();
  }

  function meetMember(linkId: string, sessionId: string): "known" | "new" {
    const who = `${linkId} ${sessionId}`;
    if (members.has(who)) return "known";
    members.add(who);
    return "new";
  }

  function meet(linkId: string, who: string): "known" | "new" | "others" {
    const known = seen.get(linkId);
    if (known?.has(who) === true) return "known";
    const place = known ?? new Set<string>();
    if (known === undefined) seen.set(linkId, place);
    if (place.size < mostOfLink && inAll < mostInAll) {
      place.add(who);
      inAll += 1;
      return "new";
    }
    if (place.has(others)) return "known";
    place.add(others);
    return "others";
  }

  function note(access: Omit<NewAccess, "hour">): void {
    const most = access.kind === "member" ? mostInAll + mostForMembers : mostInAll;
    if (waiting.length >= most) lost += 1;
    else waiting.push({ ...access, hour: new Date(hour * hourMs) });
  }

  async function write(): Promise<void> {
    const batch = waiting;
    waiting = [];
    try {
      await onAccesses?.(batch);
      if (lost > 0) logger.error({ event: "accesses.lost", count: lost }, "accesses were not recorded");
      lost = 0;
    } catch (err) {
      logger.warn({ event: "accesses.not_recorded", err, waiting: batch.length }, "accesses wait");
      waiting = [...batch, ...waiting];
    }
  }

  const flush = async () => {
    await writing;
    if (waiting.length > 0) await (writing = write());
  };
  const timer = setInterval(() => void flush(), flushMs).unref();
  return {
    record({ route, sessionId }, { address, agent }) {
      if (onAccesses === undefined) return;
      turn(clock.now());
      const { linkId, previewId } = route;
      if (sessionId !== undefined) {
        if (meetMember(linkId, sessionId) === "known") return;
        const user = userOf(sessionId);
        const session = sessionId.slice(0, sessionCharacters);
        return note({ linkId, kind: "member", visitor: session, ...(user === undefined ? {} : { userName: user }) });
      }
      if (latest?.linkId === linkId && latest.agent === agent && latest.address === address) return;
      latest = { linkId, address, agent };
      const who = `${addressKey(address)} ${agent.slice(0, agentCharacters)}`;
      const news = meet(linkId, who);
      if (news === "known") return;
      if (news === "others") return note({ linkId, kind: "others", visitor: "" });
      const kind = route.gated === undefined ? "visitor" : "token";
      note({ linkId, kind, visitor: visitorHash(keys, previewId, who) });
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
      if (waiting.length > 0) logger.error({ event: "accesses.lost", count: waiting.length + lost }, "accesses lost");
    },
  };
}

/** No address and no session is empty. */
const others = "";
/** As events show it. */
const sessionCharacters = 16;

/**
 * Tells the visits of one visitor to one preview, and nothing else: there are few enough addresses to try them all, so
 * the salt is a secret of the planes, and each preview has another.
 */
function visitorHash({ currentId, secrets }: SigningKeys, previewId: string, who: string): string {
  const secret = secrets.get(currentId);
  if (secret === undefined) throw new RangeError(`no signing key with id ${currentId}`);
  const hash = createHmac("sha256", secret).update(`dev-preview/visitor/v1\0${previewId}\0${who}`);
  return hash.digest("hex").slice(0, 32);
}
