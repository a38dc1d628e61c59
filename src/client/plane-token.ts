import type { ClientConfig } from "../settings.ts";
import { readToken } from "../identity/token-file.ts";
import { stateDir } from "../state-dir.ts";

/** The token that was configured, else the local plane's. That one is never sent to a plane elsewhere. */
export function planeToken(config: Pick<ClientConfig, "token" | "url" | "stateDir">): string | undefined {
  if (config.token !== undefined || config.url !== undefined) return config.token;
  return readToken(stateDir(config.stateDir).tokenFile);
}
