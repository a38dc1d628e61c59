import type { SettingsByOrg } from "../org-settings.ts";
import { settingsOfOrg } from "../org-settings.ts";
import type { PreviewRecord, ProjectRecord } from "../record.ts";

/** When a preview is put to sleep unless somebody visits it; undefined when it never is. As the database judges it. */
export function idleAtOf(
  orgs: SettingsByOrg,
  { org }: Pick<ProjectRecord, "org">,
  preview: PreviewRecord,
): Date | undefined {
  const { state, attached, createdAt, readyMs = 0, lastRequestAt } = preview;
  const idleMs = preview.keepaliveMs ?? settingsOfOrg(orgs, org).idleMs;
  if (attached || idleMs === 0 || (state !== "ready" && state !== "unhealthy")) return undefined;
  return new Date(Math.max(createdAt.getTime() + readyMs, lastRequestAt?.getTime() ?? 0) + idleMs);
}
