import { PreviewError } from "../errors.ts";
import type { Actor } from "./events/events.ts";

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
  /** Who makes the call, for the record; absent: nobody does, a visit woke the preview. */
  readonly by?: Actor;
}

const counted = {
  session: "live previews of this session",
  user: "live previews of one user",
  project: "live previews of one project",
  org: "live previews of one org",
  plane: "live previews of this plane",
  startsPerMinute: "starts of one user in a minute",
} as const satisfies Record<keyof PreviewLimits, string>;

/** A refusal that carries its limit, for the record. */
export class LimitError extends PreviewError {
  readonly limit: string;
  readonly most: number;

  constructor(limit: string, most: number, told: { readonly message: string; readonly hint: string }) {
    super("limit_reached", told.message, { hint: told.hint });
    this.limit = limit;
    this.most = most;
  }
}

/** `limit_reached`, which names the limit, its value and what frees it. */
export class LimitReachedError extends LimitError {
  declare readonly limit: keyof PreviewLimits;

  constructor(limit: keyof PreviewLimits, most: number) {
    const hint =
      limit === "startsPerMinute"
        ? "Wait a minute, then start again; a preview that runs needs no new start."
        : "Stop a preview that nobody needs (dev_preview_list, dev_preview_stop), then start again.";
    super(limit, most, { message: `the limit of ${most} ${counted[limit]} is reached`, hint });
  }
}

/** Live links that one preview may have: a gateway reads them all with each change of it. */
export const mostLinks = 50;

export class LinkLimitError extends LimitError {
  constructor() {
    super("links", mostLinks, {
      message: `the limit of ${mostLinks} live links of one preview is reached`,
      hint: "Revoke links that nobody needs (`dev-preview link list` and `link revoke`, or DELETE /v1/links/{id}), or use a label again.",
    });
  }
}
