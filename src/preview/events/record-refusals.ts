import type { RequestContext } from "../../identity/context.ts";
import { PreviewError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";
import { actorOf } from "./actor.ts";
import type { EventLog } from "./event-log.ts";
import { LimitError } from "../limits.ts";

/** What says that a caller asked for something that is not theirs. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  "forbidden",
  "insufficient_scope",
  "project_not_found",
  "key_not_found",
  "link_not_found",
  "port_not_ours",
  "repo_dir_outside_workspace",
  "isolation_unavailable",
]);

/**
 * Puts on record what `work` is refused, by a rule or a limit, and throws it on. Neither the message nor what was asked
 * for is recorded: both may be of the caller's choosing.
 */
export async function recordingRefusal<Output>(
  events: Pick<EventLog, "record">,
  { principal }: Pick<RequestContext, "principal">,
  { call, work }: { readonly call: string; readonly work: () => Promise<Output> },
): Promise<Output> {
  try {
    return await work();
  } catch (error) {
    const about = { owner: { org: principal.org }, by: actorOf(principal) };
    if (error instanceof LimitError) {
      const { limit, most } = error;
      events.record({ type: "limit.reached", ...about, data: { limit, most } });
    } else if (error instanceof PreviewError && refusals.has(error.code)) {
      events.record({ type: "call.refused", ...about, data: { code: error.code, call } });
    }
    throw error;
  }
}
