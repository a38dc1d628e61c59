import type { Context } from "hono";
import type { Principal, RequestContext } from "../identity/context.ts";

/** What the middleware leave for those behind them. */
export interface ControlEnv {
  Variables: {
    requestId: string;
    principal: Principal;
    context: RequestContext;
    /** Error code of a refused or failed request, for the access log. */
    errorCode: string;
  };
}

export type ControlContext = Context<ControlEnv>;
