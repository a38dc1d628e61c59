import { requireScope } from "../scopes.ts";
import type { Scope } from "../scopes.ts";
import type { RequestContext } from "../identity/context.ts";
import type { EventLog } from "./events/event-log.ts";
import { recordingRefusal } from "./events/record-refusals.ts";
import type { PreviewUseCases } from "./use-cases.ts";

/** What each call needs, whichever door it came through. A link is a capability: to mint one is to write. */
export const neededScope = {
  start: "preview:write",
  url: "preview:write",
  stop: "preview:write",
  list: "preview:read",
  logs: "preview:read",
  get: "preview:read",
  putProject: "admin",
  getProject: "preview:read",
  listProjects: "preview:read",
  removeProject: "admin",
} as const satisfies Record<keyof PreviewUseCases, Scope>;

/** The same use-cases, which throw `insufficient_scope` before anything is looked up, and put on record what is refused. */
export function guardScopes(useCases: PreviewUseCases, events: Pick<EventLog, "record">): PreviewUseCases {
  const allowed = <Output>(call: keyof PreviewUseCases, context: RequestContext, run: () => Promise<Output>) =>
    recordingRefusal(events, context, {
      call,
      work: () => {
        requireScope(context.principal.scopes, neededScope[call]);
        return run();
      },
    });
  return {
    start: (context, ...rest) => allowed("start", context, () => useCases.start(context, ...rest)),
    url: (context, ...rest) => allowed("url", context, () => useCases.url(context, ...rest)),
    stop: (context, ...rest) => allowed("stop", context, () => useCases.stop(context, ...rest)),
    list: (context, ...rest) => allowed("list", context, () => useCases.list(context, ...rest)),
    logs: (context, ...rest) => allowed("logs", context, () => useCases.logs(context, ...rest)),
    get: (context, ...rest) => allowed("get", context, () => useCases.get(context, ...rest)),
    putProject: (context, ...rest) => allowed("putProject", context, () => useCases.putProject(context, ...rest)),
    getProject: (context, ...rest) => allowed("getProject", context, () => useCases.getProject(context, ...rest)),
    listProjects: (context) => allowed("listProjects", context, () => useCases.listProjects(context)),
    removeProject: (context, ...rest) =>
      allowed("removeProject", context, () => useCases.removeProject(context, ...rest)),
  };
}
