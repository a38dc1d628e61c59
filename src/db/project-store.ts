import type postgres from "postgres";
import type { Actor } from "../preview/events/events.ts";
import type { ActivePreview, ProjectRecord } from "../preview/record.ts";
import type { ProjectStore } from "../preview/store.ts";
import type { Client } from "./client.ts";
import { fromRow } from "./row.ts";
import type { Row } from "./row.ts";
import type { Sql } from "./target.ts";
import { telling } from "./told.ts";

export function createProjectStore(client: Client): ProjectStore {
  return {
    async put(project, by) {
      const [registered] = await selectTaken(client, project.slug);
      const [row] = registered ? [registered] : await insert(client, project, by);
      return row && sameProject(row, project) ? toProject(row) : undefined;
    },
    async bySlug(org, slug) {
      const [row] = await selectBySlug(client, org, slug);
      return row && toProject(row);
    },
    async byId(id) {
      const [row] = await selectById(client, id);
      return row && toProject(row);
    },
    list: async (org) => (await selectByOrg(client, org)).map(toProject),
    rootsBelow: async (directory) => (await selectBelow(client, directory)).map((row) => row.workspaceRoot),
    async remove(org, slug, by) {
      const [row] = await deleteEnded(client, { org, slug, by });
      return row && toProject(row);
    },
  };
}

type NewProject = Parameters<ProjectStore["put"]>[0];

interface ProjectRow extends Row<Omit<ProjectRecord, "active">> {
  readonly activePort: number | null;
  readonly activeSandboxId: string | null;
  readonly activeSigned: boolean | null;
  readonly activeUpdatedAt: Date | null;
}

function projectColumns(sql: Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    id, org, slug, sandbox_driver, workspace_root, active_port, active_sandbox_id, active_signed, active_updated_at,
    created_at`;
}

/** A row of another org's is not even fetched: it takes no longer than none. */
function selectBySlug(client: Client, org: string, slug: string): Promise<ProjectRow[]> {
  return client.query(
    (sql) => sql<ProjectRow[]>`select ${projectColumns(sql)} from projects where org = ${org} and slug = ${slug}`,
  );
}

/** Slugs become host names: one is taken whoever has it. */
function selectTaken(client: Client, slug: string): Promise<ProjectRow[]> {
  return client.query((sql) => sql<ProjectRow[]>`select ${projectColumns(sql)} from projects where slug = ${slug}`);
}

function selectById(client: Client, id: string): Promise<ProjectRow[]> {
  return client.query((sql) => sql<ProjectRow[]>`select ${projectColumns(sql)} from projects where id = ${id}`);
}

function selectByOrg(client: Client, org: string): Promise<ProjectRow[]> {
  return client.query(
    (sql) => sql<ProjectRow[]>`select ${projectColumns(sql)} from projects where org = ${org} order by slug`,
  );
}

function selectBelow(client: Client, directory: string): Promise<Pick<ProjectRow, "workspaceRoot">[]> {
  const prefix = directory.endsWith("/") ? directory : `${directory}/`;
  return client.query(
    (sql) => sql<Pick<ProjectRow, "workspaceRoot">[]>`
      select distinct workspace_root from projects
      where starts_with(workspace_root, ${prefix}) and workspace_root <> ${directory}
      order by workspace_root`,
  );
}

/** The inserted row, or the one that somebody else inserted meanwhile: the empty update is what reads it. */
function insert(client: Client, project: NewProject, by: Actor | undefined): Promise<ProjectRow[]> {
  return client.query(
    (sql) => sql<ProjectRow[]>`
      insert into projects (org, slug, sandbox_driver, workspace_root)
      select ${project.org}, ${project.slug}, ${project.sandboxDriver}, ${project.workspaceRoot} where ${telling(sql, { by })}
      on conflict (slug) do update set slug = projects.slug
      returning ${projectColumns(sql)}`,
  );
}

interface Removal {
  readonly org: string;
  readonly slug: string;
  readonly by: Actor | undefined;
}

function deleteEnded(client: Client, { org, slug, by }: Removal): Promise<ProjectRow[]> {
  return client.query(
    (sql) => sql<ProjectRow[]>`
      select ${projectColumns(sql)} from remove_project(${org}, ${slug}) where ${telling(sql, { by })}`,
  );
}

function sameProject(row: ProjectRow, project: NewProject): boolean {
  return (
    row.org === project.org &&
    row.sandboxDriver === project.sandboxDriver &&
    row.workspaceRoot === project.workspaceRoot
  );
}

function toProject(row: ProjectRow): ProjectRecord {
  const { activePort, activeSandboxId, activeSigned, activeUpdatedAt, ...project } = row;
  const active = toActive({
    port: activePort,
    sandboxId: activeSandboxId,
    signed: activeSigned,
    updatedAt: activeUpdatedAt,
  });
  return { ...fromRow<Omit<ProjectRecord, "active">>(project), ...(active && { active }) };
}

function toActive(columns: { [K in keyof ActivePreview]: ActivePreview[K] | null }): ActivePreview | undefined {
  const { port, sandboxId, signed, updatedAt } = columns;
  if (port === null || sandboxId === null || signed === null || updatedAt === null) return undefined;
  return { port, sandboxId, signed, updatedAt };
}
