import { createLoginSessions } from "../../src/identity/login-sessions.ts";
import type { LoginSessions } from "../../src/identity/login-sessions.ts";
import type { SessionsOf, ShownSession } from "../../src/login/contract.ts";

/** Two people of org `local` who are logged in, until somebody ends that. */
export function createFakeSessions(): LoginSessions {
  const [createdAt, expiresAt] = [new Date("2026-01-01T00:00:00Z"), new Date("2026-01-01T04:00:00Z")];
  let sessions: ShownSession[] = ["ada", "bob"].map((user, at) => ({
    id: `${at}123456789abcdef`,
    org: "local",
    user,
    createdAt,
    expiresAt,
  }));
  const of = ({ org, user }: SessionsOf) =>
    sessions.filter((session) => session.org === org && (user === undefined || session.user === user));
  const store = {
    listSessions: async (whose: SessionsOf) => of(whose),
    async endSessions(whose: SessionsOf) {
      const ended = of(whose);
      sessions = sessions.filter((session) => !ended.includes(session));
      return ended.length;
    },
  };
  return createLoginSessions({ store, clock: { now: () => createdAt.getTime() } });
}
