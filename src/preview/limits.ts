import { PreviewError } from "../errors.ts";

/** How many previews may be live at once, by whom they are counted, and starts of one user in a minute. Absent: no limit. */
export interface PreviewLimits {
  readonly session?: number;
  readonly user?: number;
  readonly project?: number;
  readonly org?: number;
  readonly plane?: number;
  readonly startsPerMinute?: number;
}

/** Who asks for a place; sessions are told apart as far as callers name them. */
export interface Claimant {
  readonly user: string;
  readonly session?: string;
  readonly limits: PreviewLimits;
}

const counted = {
  session: "live previews of this session",
  user: "live previews of one user",
  project: "live previews of one project",
  org: "live previews of one org",
  plane: "live previews of this plane",
  startsPerMinute: "starts of one user in a minute",
} as const satisfies Record<keyof PreviewLimits, string>;

/** `limit_reached`, which names the limit, its value and what frees it. */
export class LimitReachedError extends PreviewError {
  readonly limit: keyof PreviewLimits;
  readonly most: number;

  constructor(limit: keyof PreviewLimits, most: number) {
    const hint =
      limit === "startsPerMinute"
        ? "Wait a minute, then start again; a preview that runs needs no new start."
        : "Stop a preview that nobody needs (dev_preview_list, dev_preview_stop), then start again.";
    super("limit_reached", `the limit of ${most} ${counted[limit]} is reached`, { hint });
    this.limit = limit;
    this.most = most;
  }
}
