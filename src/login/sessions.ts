import type { Clock } from "../clock.ts";
import type { LiveSession, SessionChange } from "../preview/route.ts";

/** The live sessions of people, as the database feeds them: requests are judged from here alone. */
export interface SessionTable {
  get(id: string): LiveSession | undefined;
  values(): Iterable<LiveSession>;
  /** One that was just made or read: known here before the feed tells of it. */
  add(session: LiveSession): void;
  replaceAll(sessions: readonly LiveSession[]): void;
  apply(change: SessionChange): void;
}

export function createSessionTable(clock: Clock, onGone: (id: string) => void): SessionTable {
  const sessions = new Map<string, LiveSession>();
  const end = (id: string): void => {
    if (sessions.delete(id)) onGone(id);
  };
  return {
    get(id) {
      const session = sessions.get(id);
      return session !== undefined && session.expiresAt > clock.now() ? session : undefined;
    },
    values: () => sessions.values(),
    add: (session) => void sessions.set(session.id, session),
    replaceAll(all) {
      const live = new Set(all.map(({ id }) => id));
      for (const id of sessions.keys()) if (!live.has(id)) end(id);
      for (const session of all) sessions.set(session.id, session);
    },
    apply({ ids, sessions: changed }) {
      const live = new Map(changed.map((session) => [session.id, session]));
      for (const id of ids) {
        const session = live.get(id);
        if (session === undefined) end(id);
        else sessions.set(id, session);
      }
    },
  };
}
