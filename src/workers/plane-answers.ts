import type { GatewayOptions } from "../gateway/gateway.ts";
import { openDoor } from "../gateway/gate/open-login.ts";
import type { GatewayLogin } from "../gateway/gate/open-login.ts";
import type { LoginDoor } from "../login/door.ts";
import type { Answering } from "./calls.ts";
import type { AskedOfPlane } from "./messages.ts";
import type { RouteMirror } from "./route-mirror.ts";

export interface PlaneAnswersOptions
  extends
    Pick<GatewayOptions, "keys" | "domain" | "publicScheme" | "clock" | "logger" | "certificates">,
    Required<Pick<GatewayOptions, "onRequests" | "onAccesses" | "onAsleep">> {
  readonly login?: GatewayLogin;
  /** The one in the URLs of previews. */
  readonly publicPort: () => number;
}

/** How the plane answers its workers. */
export function createPlaneAnswers(options: PlaneAnswersOptions, mirror: RouteMirror): Answering<AskedOfPlane> {
  const { certificates } = options;
  const door = options.login && doorOf(options, options.login, mirror);
  return {
    requests: (requests) => options.onRequests(requests),
    accesses: (accesses) => options.onAccesses(accesses),
    asleep: (visit) => options.onAsleep(visit),
    async door(request) {
      if (door === undefined) throw new Error("there is no login");
      const answer = await door(request);
      // whoever just logged in may come to any worker next
      await mirror.settled();
      return answer;
    },
    certificate: async (serverName) => await certificates?.pairFor?.(serverName),
  };
}

function doorOf(options: PlaneAnswersOptions, login: GatewayLogin, { sessions, routes }: RouteMirror): LoginDoor {
  const { domain, publicScheme: scheme } = options;
  const address = {
    domain,
    scheme,
    get port() {
      return options.publicPort();
    },
  };
  return openDoor(options, { login, address, routes, sessions });
}
