import type { Client } from "./client.ts";
import { previewColumns } from "./preview-columns.ts";
import type { PreviewRow } from "./preview-columns.ts";

export function previewById(client: Client, id: string): Promise<PreviewRow[]> {
  return client.query((sql) => sql<PreviewRow[]>`select ${previewColumns(sql)} from previews where id = ${id}`);
}

export function previewByName(client: Client, projectId: string, name: string): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      select ${previewColumns(sql)} from previews where project_id = ${projectId} and name = ${name}`,
  );
}

/** By the port bound, or while none is bound the port asked for. A live preview comes before ended ones of the same port. */
export function previewByPort(client: Client, projectId: string, port: number): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      select ${previewColumns(sql)} from previews
      where project_id = ${projectId} and coalesce(port, requested_port) = ${port}
      order by state in ('crashed', 'stopped'), created_at desc, id
      limit 1`,
  );
}

/** Without `includeStopped` crashed previews are still listed: someone has to see them. */
export function listPreviews(
  client: Client,
  projectId: string,
  options: { readonly includeStopped: boolean },
): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      select ${previewColumns(sql)} from previews
      where project_id = ${projectId} and (${options.includeStopped} or state <> 'stopped')
      order by state in ('crashed', 'stopped'), created_at desc, id`,
  );
}

export function listLivePreviews(client: Client, sandboxId: string): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      select ${previewColumns(sql)} from previews
      where sandbox_id = ${sandboxId} and state not in ('crashed', 'stopped')
      order by created_at desc, id`,
  );
}
