import { randomBytes, randomUUID } from "node:crypto";
import type postgres from "postgres";
import type { OpenDatabaseOptions, PlaneDatabase } from "../../src/db/open-database.ts";
import type { LinkRecord, PreviewRecord, ProjectRecord } from "../../src/preview/record.ts";
import type { Route, RouteFeed } from "../../src/preview/route.ts";
import type { Database, NewPreview } from "../../src/preview/store.ts";
import type { Listener, ProcessIdentity } from "../../src/sandbox/driver.ts";

/** One empty, migrated database, which any number of planes may open. */
export interface DatabaseFixture {
  open(options?: Partial<OpenDatabaseOptions>): Promise<PlaneDatabase>;
  /** A client beside the planes, for what no store does. */
  readonly admin: postgres.Sql;
  /** Closes what was opened and drops the database. */
  close(): Promise<void>;
}

export type MakeDatabaseFixture = () => Promise<DatabaseFixture>;

export const minute = 60_000;
export const hour = 60 * minute;

export async function registerProject(db: Database, slug = "demo"): Promise<ProjectRecord> {
  const project = await db.projects.put({ org: "acme", slug, sandboxDriver: "local", workspaceRoot: `/work/${slug}` });
  return project!;
}

export function newPreview(projectId: string, fields: Partial<NewPreview> = {}): NewPreview {
  return {
    projectId,
    name: "web",
    launchId: randomUUID(),
    sandboxId: "local-test",
    planeId: "plane-1",
    command: "pnpm dev",
    repoDir: "/work/demo",
    readyPath: "/",
    signed: true,
    hostMode: "local",
    socketScript: false,
    attached: false,
    env: {},
    requestedPort: 3000,
    ...fields,
  };
}

/** A project with one claimed preview. */
export async function claimed(db: Database, fields: Partial<NewPreview> = {}): Promise<PreviewRecord> {
  const project = await registerProject(db);
  return (await db.previews.claim(newPreview(project.id, fields)))!;
}

/** A project with one preview that is bound to its port and ready. */
export async function ready(db: Database, fields: Partial<NewPreview> = {}): Promise<PreviewRecord> {
  const { launchId, requestedPort } = await claimed(db, fields);
  await db.previews.recordProcess(launchId, someProcess);
  await db.previews.recordListener(launchId, listenerOn(requestedPort));
  return (await db.previews.transition(launchId, { from: ["starting"], to: "ready" }))!;
}

export const someProcess: ProcessIdentity = { pid: 4242, startTime: "boot-1:77", session: 4242 };

export function listenerOn(port: number): Listener {
  return { port, address: "0.0.0.0", pid: 4243, inode: "990011" };
}

export function newLink(preview: PreviewRecord, fields: Partial<LinkRecord> = {}): Omit<LinkRecord, "createdAt"> {
  return {
    id: randomBytes(8).toString("hex"),
    previewId: preview.id,
    launchId: preview.launchId,
    port: preview.requestedPort,
    keyId: 3,
    expiresAt: new Date(Date.now() + hour),
    tokenHash: randomBytes(32).toString("hex"),
    gated: false,
    ...fields,
  };
}

export async function liveLink(db: Database, preview: PreviewRecord): Promise<LinkRecord | undefined> {
  return db.links.live({ launchId: preview.launchId, port: preview.requestedPort, gated: false }, new Date());
}

/** Ends a preview as a stop does. */
export async function stop(db: Database, preview: PreviewRecord): Promise<void> {
  await db.previews.requestStop(preview.id);
  await db.previews.transition(preview.launchId, {
    from: ["starting", "ready", "unhealthy", "idle", "crashed"],
    to: "stopped",
  });
}

export interface FollowedRoutes {
  /** What a gateway would know now, by link id. */
  readonly table: ReadonlyMap<string, Route>;
  readonly feed: RouteFeed;
  snapshots: number;
  /** Ids of every change told. */
  readonly told: string[];
}

/** Keeps a route table as a gateway does. */
export async function followRoutes(db: Database): Promise<FollowedRoutes> {
  const table = new Map<string, Route>();
  const followed: FollowedRoutes = { table, feed: db.routeFeed(), snapshots: 0, told: [] };
  const put = (routes: readonly Route[]) => routes.forEach((route) => table.set(route.linkId, route));
  await followed.feed.start({
    onSnapshot(routes) {
      followed.snapshots += 1;
      table.clear();
      put(routes);
    },
    onChange({ previewIds, routes }) {
      followed.told.push(...previewIds);
      for (const route of table.values()) if (previewIds.includes(route.previewId)) table.delete(route.linkId);
      put(routes);
    },
  });
  return followed;
}
