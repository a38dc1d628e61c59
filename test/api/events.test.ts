import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import type { Client, EventOutput } from "../../src/client/client.ts";
import { systemClock } from "../../src/clock.ts";
import { createApiKeys } from "../../src/identity/api-keys.ts";
import { createBearerAuthenticator } from "../../src/identity/bearer.ts";
import { createKeyAuthenticator } from "../../src/identity/key-authenticator.ts";
import { createLogger } from "../../src/logger.ts";
import { createEventFeed } from "../../src/preview/events/event-feed.ts";
import { createReadEvents } from "../../src/preview/events/read-events.ts";
import type { GrantableScope } from "../../src/scopes.ts";
import { openTestDatabase } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { memoryApiKeys } from "../support/memory-api-keys.ts";
import { until } from "../support/until.ts";
import { listenControl, token } from "./support/control-listener.ts";

const logger = createLogger("silent");
const store = memoryApiKeys();
const holders = createKeyAuthenticator({ store, clock: systemClock, logger });
let db: TestDatabase;
let feed: ReturnType<typeof createEventFeed>;
let control: Awaited<ReturnType<typeof listenControl>>;
beforeAll(async () => {
  db = await openTestDatabase();
  feed = createEventFeed({ db, logger });
  control = await listenControl({
    events: createReadEvents({ db, feed }),
    keys: createApiKeys({ store, clock: systemClock, onChange: (id) => holders.forget(id) }),
    authenticate: createBearerAuthenticator({
      token,
      org: "local",
      user: "me",
      dangerouslyNoAuth: false,
      others: [(given) => holders.authenticate(given)],
    }),
    heartbeatMs: 200,
  });
});
afterAll(async () => {
  await feed.close();
  await control.close();
  await holders.close();
  await db.close();
});

const operator = () => createClient({ url: control.url, token });
const register = (org: string, slug: string) =>
  db.projects.put({ org, slug, sandboxDriver: "local", workspaceRoot: `/work/${slug}` });

async function keyOf(org: string, scope: GrantableScope, projects?: string[]) {
  const { key, id } = await operator().keys.create({ label: "x", scopes: [scope], org, ...(projects && { projects }) });
  return { key, id, client: createClient({ url: control.url, token: key }) };
}

let orgs = 0;
/** An org with two projects and an event that belongs to neither. */
async function newOrg() {
  const org = `org-${(orgs += 1)}`;
  await register(org, `${org}-a`);
  await register(org, `${org}-b`);
  const owner = { org };
  await db.events.append([{ type: "call.refused", owner, data: { code: "forbidden", call: "url" }, count: 3 }]);
  return { org, a: `${org}-a`, b: `${org}-b` };
}

/** What each event is about. */
async function seen(client: Client, query: Parameters<Client["events"]["list"]>[0] = {}): Promise<string[]> {
  return (await client.events.list({ after: 0, ...query })).events.map(({ project, type }) => project ?? type);
}

describe("GET /v1/events", () => {
  it("shows a caller its org, a bound one its projects, and only an administrator what is the org's", async () => {
    const { org, a, b } = await newOrg();
    await newOrg();
    expect(await seen((await keyOf(org, "admin")).client)).toEqual([a, b, "call.refused"]);
    expect(await seen((await keyOf(org, "preview:read")).client)).toEqual([a, b]);
    expect(await seen((await keyOf(org, "preview:read", [b])).client)).toEqual([b]);
    expect(await seen((await keyOf(org, "admin", [b, "absent"])).client)).toEqual([b]);
    expect(await seen(operator(), { org })).toEqual([a, b, "call.refused"]);
    expect(await seen(operator())).not.toContain(a);
  });

  it("shows one project where the query or the header names it, and nothing of one that is not the caller's", async () => {
    const [mine, theirs] = [await newOrg(), await newOrg()];
    const { client, key } = await keyOf(mine.org, "admin");
    expect(await seen(client, { project: mine.a })).toEqual([mine.a]);
    expect(await seen(createClient({ url: control.url, token: key, project: mine.b }))).toEqual([mine.b]);
    expect(await seen(client, { project: theirs.a })).toEqual([]);
    expect(await seen(client, { project: "absent" })).toEqual([]);
    expect(await seen((await keyOf(mine.org, "admin", [mine.a])).client, { project: mine.b })).toEqual([]);
  });

  it("refuses another org to everybody but the operator, and puts that on record", async () => {
    const [mine, theirs] = [await newOrg(), await newOrg()];
    const { client, id } = await keyOf(mine.org, "admin");
    await expect(seen(client, { org: theirs.org })).rejects.toMatchObject({ code: "insufficient_scope" });
    await expect(client.events.accesses({ org: theirs.org })).rejects.toMatchObject({ code: "insufficient_scope" });
    expect(control.recorded.slice(-2)).toMatchObject([
      { type: "call.refused", owner: { org: mine.org }, by: { key: id }, data: { call: "events" } },
      { type: "call.refused", owner: { org: mine.org }, by: { key: id }, data: { call: "accesses" } },
    ]);
  });

  it("has refusals of calls about logins and links as well, and nothing of those that are allowed", async () => {
    const { org, a } = await newOrg();
    const before = control.recorded.length;
    const admin = createClient({ url: control.url, token: (await keyOf(org, "admin")).key, project: a });
    await admin.sessions.list({});
    await admin.links.list({});
    expect(control.recorded.slice(before)).toEqual([]);
    await expect((await keyOf(org, "preview:read")).client.sessions.list({})).rejects.toMatchObject({
      code: "insufficient_scope",
    });
    await expect(admin.links.revoke("fedcba9876543210")).rejects.toMatchObject({ code: "link_not_found" });
    expect(control.recorded.slice(before)).toMatchObject([
      { type: "call.refused", owner: { org }, data: { code: "insufficient_scope", call: "listSessions" } },
      { type: "call.refused", owner: { org }, data: { code: "link_not_found", call: "revokeLink" } },
    ]);
  });

  it("goes on page by page, by type, and begins with the last ones", async () => {
    const { org, a, b } = await newOrg();
    const { client } = await keyOf(org, "admin");
    const first = await client.events.list({ after: 0, limit: 2 });
    expect(first).toMatchObject({ events: [{ project: a }, { project: b }], more: true });
    const second = await client.events.list({ after: first.cursor, limit: 2 });
    expect(second).toMatchObject({
      events: [{ type: "call.refused", org, data: { code: "forbidden", call: "url", count: 3 } }],
      more: false,
    });
    expect(await client.events.list({ after: second.cursor })).toEqual({
      events: [],
      cursor: second.cursor,
      more: false,
    });
    expect((await client.events.list({ limit: 1 })).events).toEqual(second.events);
    expect(await seen(client, { type: "project.registered" })).toEqual([a, b]);
  });

  it.each(["after=-1", "after=x", "limit=0", "limit=501", "type=nothing", "project=NO", "colour=red"])(
    "refuses ?%s by name",
    async (query) => {
      const answer = await fetch(`${control.url}/v1/events?${query}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain(query.split("=")[0]);
    },
  );

  it("lets nothing out that the schema of the type does not name", async () => {
    const { org } = await newOrg();
    const data = { code: "x", call: "y", output: "SECRET" };
    await db.events.append([{ type: "call.refused", owner: { org }, data, count: 1 }]);
    const { events } = await operator().events.list({ org, limit: 1 });
    expect(events).toMatchObject([{ data: { code: "x", call: "y", count: 1 } }]);
    expect(JSON.stringify(events)).not.toContain("SECRET");
  });

  it("records callers without a good token for the operator", async () => {
    control.recorded.length = 0;
    await fetch(`${control.url}/v1/events`);
    await fetch(`${control.url}/v1/projects`, { headers: { authorization: "Bearer dpk_wrong" } });
    const refused = { type: "call.refused", owner: { org: "local" }, data: { code: "unauthenticated", call: "any" } };
    expect(control.recorded).toEqual([refused, refused]);
  });
});

/** Opens a stream and collects what comes. */
async function stream(key: string, { query = "", lastId }: { query?: string; lastId?: number } = {}) {
  const end = new AbortController();
  const headers = {
    authorization: `Bearer ${key}`,
    accept: "text/event-stream",
    ...(lastId === undefined ? {} : { "last-event-id": `${lastId}` }),
  };
  const answer = await fetch(`${control.url}/v1/events${query}`, { headers, signal: end.signal });
  const got = { answer, text: "", over: false, close: () => end.abort() };
  void (async () => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of answer.body!) got.text += decoder.decode(chunk, { stream: true });
    } catch {
      // closed by the test
    }
    got.over = true;
  })();
  return got;
}

const dataOf = ({ text }: { text: string }) =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json!) as EventOutput);

describe("the stream of events", () => {
  it("tells events as they happen, with their ids, and comments in between", async () => {
    const { org, a } = await newOrg();
    const { client, key } = await keyOf(org, "admin");
    const live = await stream(key);
    expect(live.answer.headers.get("content-type")).toContain("text/event-stream");
    expect(live.answer.headers.get("cache-control")).toBe("no-store");
    await until("a heartbeat", () => live.text.includes(": nothing yet"));
    await newOrg();
    await register(org, `${org}-c`);
    await until("the event", () => dataOf(live).length > 0);
    const [event] = (await client.events.list({ limit: 1 })).events;
    expect(dataOf(live)).toEqual([event]);
    expect(event).toMatchObject({ type: "project.registered", project: `${org}-c` });
    expect(live.text).toContain(`id: ${event!.id}\nevent: project.registered\n`);
    live.close();
    expect(a).toBeDefined();
  });

  it("continues after Last-Event-ID, or `after`, without a gap", async () => {
    const { org, a, b } = await newOrg();
    const { client, key } = await keyOf(org, "preview:read");
    const [first] = (await client.events.list({ after: 0 })).events;
    const all = [await stream(key, { lastId: 0 }), await stream(key, { lastId: first!.id, query: "?after=0" })];
    await register(org, `${org}-c`);
    await until("both streams have it", () => all.every((one) => one.text.includes(`${org}-c`)));
    expect(all.map((one) => dataOf(one).map(({ project }) => project))).toEqual([
      [a, b, `${org}-c`],
      [b, `${org}-c`],
    ]);
    for (const one of all) one.close();
  });

  it("catches up over many pages, and loses nothing that happens meanwhile", async () => {
    const org = `org-${(orgs += 1)}`;
    const refused = (index: number) => ({
      type: "call.refused" as const,
      owner: { org },
      data: { code: `c${index}`, call: "url" },
      count: 1,
    });
    await db.events.append(Array.from({ length: 2_500 }, (_, index) => refused(index)));
    const { key } = await keyOf(org, "admin");
    const live = await stream(key, { lastId: 0 });
    for (let index = 2_500; index < 2_600; index += 1) await db.events.append([refused(index)]);
    await until("all events", () => dataOf(live).length >= 2_600);
    expect(dataOf(live).map(({ data }) => data["code"])).toEqual(
      Array.from({ length: 2_600 }, (_, index) => `c${index}`),
    );
    live.close();
  });

  it("ends soon after its key was revoked, and says nothing of what happened since", async () => {
    const { org } = await newOrg();
    const { key, id } = await keyOf(org, "admin");
    const [live, other] = [await stream(key), await stream((await keyOf(org, "admin")).key)];
    await operator().keys.revoke(id, { org });
    expect((await stream(key)).answer.status).toBe(401);
    await register(org, `${org}-late`);
    await until("the stream is over", () => live.over);
    expect(dataOf(live)).toMatchObject([{ code: "unauthenticated" }]);
    expect(live.text).toContain("event: error\n");
    await until("the other stream has it", () => dataOf(other).length > 0);
    expect(dataOf(other)).toMatchObject([{ project: `${org}-late` }]);
    other.close();
  });

  it("is refused with a status like any call", async () => {
    const { org } = await newOrg();
    const { key } = await keyOf(org, "preview:read");
    expect((await stream("wrong")).answer.status).toBe(401);
    expect((await stream(key, { query: "?org=local" })).answer.status).toBe(403);
    expect((await stream(key, { query: "?type=nothing" })).answer.status).toBe(400);
  });

  it("has a hundred readers of one org at once, and a place again when one of them leaves", async () => {
    const { org } = await newOrg();
    const { key } = await keyOf(org, "preview:read");
    const all = await Promise.all(Array.from({ length: 100 }, () => stream(key)));
    expect(all.map(({ answer }) => answer.status)).toEqual(all.map(() => 200));
    const refused = await stream(key);
    expect(refused.answer.status).toBe(429);
    expect(control.recorded.at(-1)).toMatchObject({
      type: "limit.reached",
      data: { limit: "event streams", most: 100 },
    });
    const { org: elsewhere } = await newOrg();
    const neighbour = await stream((await keyOf(elsewhere, "preview:read")).key);
    expect(neighbour.answer.status).toBe(200);
    neighbour.close();
    all.pop()!.close();
    await until("a place again", async () => {
      const again = await stream(key);
      all.push(again);
      return again.answer.status === 200;
    });
    for (const one of all) one.close();
  });
});

describe("the client", () => {
  it("follows events until it is told to stop", async () => {
    const { org } = await newOrg();
    const { client } = await keyOf(org, "preview:read");
    const stop = new AbortController();
    const got: EventOutput[] = [];
    const following = (async () => {
      for await (const event of client.events.follow({}, { signal: stop.signal })) {
        got.push(event);
        if (got.length === 2) stop.abort();
      }
    })();
    await until("two events", async () => {
      await register(org, `${org}-${got.length}-${Date.now()}`);
      return got.length >= 2;
    });
    await following;
    expect(got.every((event) => event.type === "project.registered")).toBe(true);
  });

  it("throws what the plane refuses", async () => {
    const { org } = await newOrg();
    const { client } = await keyOf(org, "preview:read");
    await expect(client.events.follow({ org: "local" }).next()).rejects.toMatchObject({ code: "insufficient_scope" });
  });
});
