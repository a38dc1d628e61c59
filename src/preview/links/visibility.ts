import { PreviewError } from "../../errors.ts";
import type { PreviewDeps } from "../deps.ts";
import { settingsOfOrg } from "../org-settings.ts";

/** Who may see previews, from few to many: members who log in, also guests who do, whoever has a link. */
export const visibilities = ["members", "guests", "link"] as const;
export type Visibility = (typeof visibilities)[number];

/** The most that single orgs may, and all others. */
export interface MaxVisibility {
  readonly every: Visibility;
  readonly own: Readonly<Record<string, Visibility>>;
}

type Deps = Pick<PreviewDeps, "settings">;

interface Wanted {
  readonly signed?: boolean | undefined;
  readonly guests?: readonly string[] | undefined;
}

/** Throws `forbidden` for what would show a preview of the org to more people than it may. */
export function refuseWider({ settings }: Deps, org: string, { signed, guests = [] }: Wanted): void {
  const { maxVisibility } = settingsOfOrg(settings.orgs, org);
  const hint = "Leave it out, or ask the operator (maxVisibility).";
  if (signed === true && maxVisibility !== "link")
    throw new PreviewError(
      "forbidden",
      `signed: true is for whoever has the link, org ${org} has ${maxVisibility} at most`,
      {
        hint,
      },
    );
  if (guests.length > 0 && maxVisibility === "members")
    throw new PreviewError("forbidden", `guests are no members, and org ${org} has ${maxVisibility} at most`, { hint });
}

/** Whether a preview gets a signed link: as asked, else as it was, else where the org may. */
export function isSigned({ settings }: Deps, org: string, wanted: readonly (boolean | undefined)[]): boolean {
  if (settingsOfOrg(settings.orgs, org).maxVisibility !== "link") return false;
  return wanted.find((signed) => signed !== undefined) ?? true;
}

/** What was shared before the org's maximum was lowered is so no longer: links end, guests are shut out. */
export async function narrowVisibility({
  db,
  settings,
  logger,
}: Deps & Pick<PreviewDeps, "db" | "logger">): Promise<void> {
  const { every, own } = settings.orgs;
  const ofOrgs = [...own.keys()].map((org) => [org, settingsOfOrg(settings.orgs, org).maxVisibility]);
  const most: MaxVisibility = { every: every.maxVisibility, own: Object.fromEntries(ofOrgs) };
  if ([most.every, ...Object.values(most.own)].every((visibility) => visibility === "link")) return;
  const revoked = await db.links.narrow(most);
  if (revoked > 0) logger.info({ event: "links.narrowed", revoked }, "links of orgs that may have none were revoked");
}
