import { chromiumLauncher } from "../inspect/chromium.ts";
import { createInspector } from "../inspect/inspector.ts";
import type { Inspector } from "../inspect/inspector.ts";
import type { Previews } from "../preview/previews.ts";
import type { Config } from "../settings.ts";
import { databasePort } from "../db/local-port.ts";
import { gatewayAddress, ownPorts } from "./parts.ts";
import type { Parts } from "./parts.ts";

/** No browser runs, and none has to be there, before something is looked at. */
export function createPlaneInspector(config: Config, parts: InspectorParts): Inspector {
  const { db, logger, state, hostEnv, ports, previews } = parts;
  const launch = chromiumLauncher({
    executable: config.chromiumPath,
    directory: state.browserDir,
    hostEnv,
    gateway: gatewayAddress(config, ports.gateway),
    // a database elsewhere may let in this host alone
    deniedPorts: ownPorts(config, ports, databasePort),
    logger,
  });
  return createInspector({ launch, db, useCases: previews.useCases, logger });
}

interface InspectorParts extends Pick<Parts, "db" | "logger" | "state" | "ports"> {
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly previews: Pick<Previews, "useCases">;
}
