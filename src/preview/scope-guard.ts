import { PreviewError } from "../errors.ts";
import { grants } from "../scopes.ts";
import type { Scope } from "../scopes.ts";
import type { RequestContext } from "../identity/context.ts";
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

/** The same use-cases, which throw `insufficient_scope` before anything is looked up. */
export function guardScopes(useCases: PreviewUseCases): PreviewUseCases {
  const guard =
    <Rest extends unknown[], Output>(
      name: keyof PreviewUseCases,
      call: (context: RequestContext, ...rest: Rest) => Promise<Output>,
    ) =>
    async (context: RequestContext, ...rest: Rest): Promise<Output> => {
      requireScope(context, neededScope[name]);
      return await call(context, ...rest);
    };
  return {
    start: guard("start", useCases.start),
    url: guard("url", useCases.url),
    stop: guard("stop", useCases.stop),
    list: guard("list", useCases.list),
    logs: guard("logs", useCases.logs),
    get: guard("get", useCases.get),
    putProject: guard("putProject", useCases.putProject),
    getProject: guard("getProject", useCases.getProject),
    listProjects: guard("listProjects", useCases.listProjects),
    removeProject: guard("removeProject", useCases.removeProject),
  };
}

function requireScope({ principal }: RequestContext, wanted: Scope): void {
  if (grants(principal.scopes, wanted)) return;
  throw new PreviewError("insufficient_scope", `the call needs scope ${wanted}`, {
    hint: `The key or token carries ${principal.scopes.join(" ") || "none"}; use one that has ${wanted}.`,
  });
}
