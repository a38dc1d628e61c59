import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { loadConfig } from "../../../../src/config.ts";
import { createClient } from "../../../../src/client/client.ts";
import type { Client } from "../../../../src/client/client.ts";
import { createLogger } from "../../../../src/logger.ts";
import { startPlane } from "../../../../src/main.ts";
import type { Plane } from "../../../../src/main.ts";
import type { PreviewOutput } from "../../../../src/preview/contract.ts";
import { startIssuer } from "../../../identity/support/issuer.ts";
import type { Issuer } from "../../../identity/support/issuer.ts";
import { startEmbeddedTestServer } from "../../../support/database-server.ts";
import { countStatements } from "./statement-counter.ts";
import type { StatementCounter } from "./statement-counter.ts";

/** Two orgs with two projects each. Slugs have one length, so that even a Content-Length gives nothing away. */
export const orgs = { acme: ["a1", "a2"], globex: ["b1", "b2"] } as const;
export type Org = keyof typeof orgs;
export const slugs = [...orgs.acme, ...orgs.globex] as const;
export type Slug = (typeof slugs)[number];
/** Is registered nowhere. */
export const absentSlug = "zz";

export const orgOf = (slug: string): Org | undefined =>
  (["acme", "globex"] as const).find((org) => (orgs[org] as readonly string[]).includes(slug));

/** A preview with both of its links. */
export interface TenantPreview {
  readonly slug: Slug;
  readonly signed: LinkedPreview;
  readonly gated: LinkedPreview;
}
export type LinkedPreview = PreviewOutput & { readonly previewUrl: string; readonly token: string };

/** A plane in this process that two orgs share, with a preview running in each of their projects. */
export interface Tenants {
  readonly plane: Plane;
  readonly operatorToken: string;
  readonly issuer: Issuer;
  readonly statements: StatementCounter;
  readonly previews: Readonly<Record<Slug, TenantPreview>>;
  /** Folder of the orgs' own folders. */
  readonly folder: string;
  /** Past the plane: what no call of it would do. */
  readonly sql: postgres.Sql;
  /** With an admin's key of the org. */
  readonly clientOf: (org: Org, project?: string) => Client;
  close(): Promise<void>;
}

const operatorToken = "the-operators-own-token-0123456789";
const app = fileURLToPath(new URL("../tenant-app.mjs", import.meta.url));

export async function openTenants(): Promise<Tenants> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "tenants-")));
  const [database, issuer] = await Promise.all([startEmbeddedTestServer(), startIssuer()]);
  const statements = await countStatements(database.connection);
  const plane = await startPlane(configOf({ folder, issuer: issuer.url, databaseUrl: statements.url }), {
    logger: createLogger("silent"),
    version: "0.0.0",
    hostEnv: process.env,
  });
  const operator = createClient({ url: plane.controlUrl, token: operatorToken });
  const keys = new Map<Org, string>();
  for (const org of ["acme", "globex"] as const)
    keys.set(org, (await operator.keys.create({ label: "of the tests", org, scopes: ["admin"] })).key);
  const clientOf = (org: Org, project?: string) =>
    createClient({ url: plane.controlUrl, token: keys.get(org)!, ...(project === undefined ? {} : { project }) });
  const previews = {} as Record<Slug, TenantPreview>;
  for (const slug of slugs) previews[slug] = await startIn(slug, clientOf, folder);
  const sql = postgres({ ...database.connection, max: 1 });
  return {
    plane,
    operatorToken,
    issuer,
    statements,
    previews,
    folder,
    sql,
    clientOf,
    async close() {
      for (const slug of slugs) await clientOf(orgOf(slug)!, slug).stop({ all: true });
      await plane.close();
      await sql.end({ timeout: 1 });
      await Promise.all([statements.close(), issuer.close()]);
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configOf({ folder, issuer, databaseUrl }: { folder: string; issuer: string; databaseUrl: string }) {
  const flags = {
    stateDir: join(folder, "state"),
    databaseUrl,
    controlPort: 0,
    gatewayPort: 0,
    gatewayWorkers: 1,
    portRange: "24000-24099",
    token: operatorToken,
    orgWorkspaces: join(folder, "{org}"),
    toolsets: ["inspect"],
    oidcIssuer: issuer,
    oidcClientId: "dev-preview",
    // what is tried here is who may call, not what a dev server may do
    dangerouslyShareHost: true,
    limitInvalidLinks: 0,
  };
  return loadConfig({ env: {}, cwd: folder, flags });
}

async function startIn(slug: Slug, clientOf: Tenants["clientOf"], folder: string): Promise<TenantPreview> {
  const org = orgOf(slug)!;
  const client = clientOf(org, slug);
  const workspaceRoot = join(folder, org, slug);
  await mkdir(workspaceRoot, { recursive: true });
  await client.projects.put(slug, { workspaceRoot });
  let signed = await client.start({ command: `'${process.execPath}' '${app}' ${slug}`, waitSeconds: 45 });
  while (signed.status === "starting") signed = await client.url({ waitSeconds: 45 });
  const gated = await client.url({ signed: false });
  return { slug, signed: linked(signed), gated: linked(gated) };
}

function linked(preview: PreviewOutput): LinkedPreview {
  const { previewUrl, token } = preview;
  if (previewUrl === undefined || token === undefined) throw new Error(JSON.stringify(preview));
  return { ...preview, previewUrl, token };
}
