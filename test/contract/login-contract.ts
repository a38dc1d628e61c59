import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { NewTicket } from "../../src/login/contract.ts";
import type { LiveSession, SessionChange } from "../../src/preview/route.ts";
import type { DatabaseUnderTest } from "./database-contract.ts";
import { hour, minute } from "./database-fixture.ts";

const hash = () => createHash("sha256").update(randomBytes(8)).digest("hex");
const newSession = (more: Partial<LiveSession> = {}): LiveSession => ({
  id: hash(),
  org: "acme",
  user: "ada",
  expiresAt: Date.now() + hour,
  ...more,
});
const newTicket = (sessionId: string, more: Partial<NewTicket> = {}): NewTicket => ({
  hash: hash(),
  sessionId,
  sandboxId: "local-test",
  port: 3000,
  browserHash: hash(),
  path: "/a?b=1",
  expiresAt: new Date(Date.now() + minute),
  ...more,
});

export function loginContract(under: DatabaseUnderTest): void {
  test("a ticket is given with its session, once", async () => {
    const session = newSession({ projects: ["shop"] });
    await under.db.login.insertSession(session);
    const ticket = newTicket(session.id);
    await under.db.login.insertTicket(ticket);
    const taken = await Promise.all([1, 2, 3].map(() => under.db.login.takeTicket(ticket.hash, new Date())));
    expect(taken.filter((each) => each !== undefined)).toEqual([{ ...ticket, session }]);
    expect(await under.db.login.takeTicket(ticket.hash, new Date())).toBeUndefined();
  });

  test("a ticket that is over, and one whose session ended, are given to nobody", async () => {
    const [session, ended] = [newSession(), newSession()];
    for (const each of [session, ended]) await under.db.login.insertSession(each);
    const [late, orphan] = [newTicket(session.id), newTicket(ended.id)];
    for (const each of [late, orphan]) await under.db.login.insertTicket(each);
    await under.db.login.endSession(ended.id);
    expect(await under.db.login.takeTicket(late.hash, late.expiresAt)).toBeUndefined();
    expect(await under.db.login.takeTicket(orphan.hash, new Date())).toBeUndefined();
  });

  test("who is of no org has a session too", async () => {
    const { org: _, ...session } = newSession({ user: "gus" });
    await under.db.login.insertSession(session);
    const ticket = newTicket(session.id);
    await under.db.login.insertTicket(ticket);
    expect((await under.db.login.takeTicket(ticket.hash, new Date()))?.session).toEqual(session);
  });

  test("an administrator lists the live sessions of an org, and ends one user's or all", async () => {
    const { org: _, ...guest } = newSession({ user: "gus" });
    const [ada, again, bob] = [newSession(), newSession(), newSession({ user: "bob" })];
    const [eve, late] = [newSession({ org: "globex" }), newSession({ expiresAt: Date.now() - 1 })];
    for (const each of [ada, again, bob, eve, late, guest]) await under.db.login.insertSession(each);
    const { login } = under.db;
    const usersOf = async (org: string) => (await login.listSessions({ org }, new Date())).map(({ user }) => user);
    expect(await login.listSessions({ org: "acme", user: "bob" }, new Date())).toMatchObject([
      { id: bob.id.slice(0, 16), org: "acme", user: "bob", expiresAt: new Date(bob.expiresAt) },
    ]);
    expect([await usersOf("acme"), await usersOf("local")]).toEqual([["ada", "ada", "bob"], ["gus"]]);
    expect(await login.endSessions({ org: "acme", user: "ada" }, { user: "root" })).toBe(2);
    expect(await login.endSessions({ org: "acme", user: "ada" }, { user: "root" })).toBe(0);
    expect([await usersOf("acme"), await usersOf("globex")]).toEqual([["bob"], ["ada"]]);
    expect(await login.endSessions({ org: "acme" }, { user: "root" })).toBe(1);
    expect([await usersOf("acme"), await usersOf("globex")]).toEqual([[], ["ada"]]);
  });

  test("every plane hears of a login and of its end within a second", async () => {
    const known = newSession();
    await under.db.login.insertSession(known);
    await under.db.login.insertSession(newSession({ expiresAt: Date.now() - 1 }));
    const snapshots: (readonly LiveSession[])[] = [];
    const changes: SessionChange[] = [];
    await (await under.fixture.open()).routeFeed().start({
      onSnapshot: () => {},
      onChange: () => {},
      onSessions: (sessions) => void snapshots.push(sessions),
      onSessionChange: (change) => void changes.push(change),
    });
    expect(snapshots).toEqual([[known]]);
    const session = newSession();
    await under.db.login.insertSession(session);
    const within = { timeout: 1_000, interval: 5 };
    await expect.poll(() => changes.at(-1), within).toEqual({ ids: [session.id], sessions: [session] });
    await under.db.login.endSession(session.id);
    await under.db.login.endSession(session.id);
    await expect.poll(() => changes.at(-1), within).toEqual({ ids: [session.id], sessions: [] });
  });
}
