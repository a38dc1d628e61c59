import type { Clock } from "../../clock.ts";
import type { LoginAddress } from "../../login/door-urls.ts";
import type { SessionTable } from "../../login/sessions.ts";
import type { SigningKeys } from "../../preview/links/token.ts";
import type { AskerHeaders } from "../answers/asks-for-document.ts";
import type { RouteTable } from "../decide/route-table.ts";

/** What the gate needs of a request besides host and target. */
export interface Asker {
  readonly method: string;
  readonly headers: AskerHeaders;
  /** It asks to switch protocols. */
  readonly upgrade: boolean;
}

export type GateRequest = Asker & { readonly target: string };

export interface GateWorld {
  readonly routes: Pick<RouteTable, "get" | "gatedAt" | "loaded">;
  readonly sessions: Pick<SessionTable, "get">;
  readonly keys: SigningKeys;
  readonly address: LoginAddress;
  readonly clock: Clock;
}
