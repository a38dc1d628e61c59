import type { Visibility } from "./links/visibility.ts";

/** What holds for the previews of one org. */
export interface OrgSettings {
  /** Without a visit for so long a dev server is put to sleep; 0: never. */
  readonly idleMs: number;
  /** The most that a start may ask for instead. */
  readonly keepaliveMaxMs: number;
  /** The most people that its previews may be shown to. */
  readonly maxVisibility: Visibility;
}

/** The settings of every org, and what single ones have instead. */
export interface SettingsByOrg {
  readonly every: OrgSettings;
  readonly own: ReadonlyMap<string, Partial<OrgSettings>>;
}

export function settingsOfOrg({ every, own }: SettingsByOrg, org: string): OrgSettings {
  return { ...every, ...own.get(org) };
}
