import { PreviewError } from "../errors.ts";
import type { PreviewRecord } from "./record.ts";
import type { Database } from "./store.ts";

/** The preview that a call names: by port, by name, or `web`. Both given must agree. */
export async function findPreview(
  db: Pick<Database, "previews">,
  projectId: string,
  named: { readonly name?: string | undefined; readonly port?: number | undefined },
): Promise<PreviewRecord | undefined> {
  if (named.port === undefined) return await db.previews.byName(projectId, named.name ?? "web");
  const preview = await db.previews.byPort(projectId, named.port);
  if (preview !== undefined) nameMustAgree(preview, named);
  return preview;
}

export function nameMustAgree(
  preview: PreviewRecord,
  { name, port }: { readonly name?: string | undefined; readonly port?: number | undefined },
): void {
  if (name === undefined || preview.name === name) return;
  throw new PreviewError(
    "invalid_input",
    `port ${port} belongs to preview ${JSON.stringify(preview.name)}, not to ${JSON.stringify(name)}`,
    {
      hint: "Pass name or port, not both.",
    },
  );
}

export async function requirePreview(
  db: Pick<Database, "previews">,
  projectId: string,
  named: { readonly name?: string | undefined; readonly port?: number | undefined },
): Promise<PreviewRecord> {
  const preview = await findPreview(db, projectId, named);
  if (preview !== undefined) return preview;
  const what = named.port === undefined ? `name ${JSON.stringify(named.name ?? "web")}` : `port ${named.port}`;
  throw new PreviewError("preview_not_found", `this project has no preview with ${what}`, {
    hint: "dev_preview_list shows the project's previews; dev_preview_start starts one.",
  });
}
