import type { Clock } from "../clock.ts";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { EventLog } from "../preview/events/event-log.ts";
import type { GatedRoute } from "../preview/route.ts";
import type { SigningKeys } from "../preview/links/token.ts";
import type { DoorAnswer, DoorRequest, GatedPlace, LoginStore, OidcLogin } from "./contract.ts";
import { createAuthHost } from "./auth-host.ts";
import { doorPages } from "./door-pages.ts";
import type { LoginAddress } from "./door-urls.ts";
import { createEntrance } from "./entrance.ts";
import type { SessionTable } from "./sessions.ts";

export interface LoginDeps {
  readonly store: LoginStore;
  readonly oidc: OidcLogin;
  readonly keys: SigningKeys;
  readonly sessions: SessionTable;
  readonly address: LoginAddress;
  /** The live gated preview at a place. */
  readonly previewAt: (place: GatedPlace) => GatedPreview | undefined;
  /** Life of a session, ms: how late a lost membership is noticed. */
  readonly sessionMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told who was not let in; logins and logouts are on record with their session. */
  readonly events?: Pick<EventLog, "record">;
}

export interface GatedPreview {
  readonly previewId: string;
  readonly gated: GatedRoute;
  /** It may be shown in frames of some origins. */
  readonly embeddable: boolean;
}

/** Answers at the login's own host, and for the login below the reserved path of gated hosts. Never rejects. */
export type LoginDoor = (request: DoorRequest) => Promise<DoorAnswer>;

export function createLoginDoor(deps: LoginDeps): LoginDoor {
  const authHost = createAuthHost(deps);
  const entrance = createEntrance(deps);
  return async (request) => {
    try {
      return await (request.place === undefined ? authHost(request) : entrance(request, request.place));
    } catch (err) {
      const expected = err instanceof PreviewError;
      deps.logger[expected ? "warn" : "error"]({ event: "login.failed", err }, "a login could not go on");
      return doorPages.unavailable;
    }
  };
}
