import { PreviewError } from "../errors.ts";
import type { Config } from "../settings.ts";

/**
 * The port that another plane may bind too. It is not tried out: whoever came while that lasted would be broken off.
 * Throws `config_invalid` where it is not configured, or this Node would bind it for itself.
 */
export function sharedPort({ gatewayPort = 0 }: Pick<Config, "gatewayPort">, nodeVersion: string): number {
  if (gatewayPort === 0) throw refused("gatewayReusePort is set, and gatewayPort is not");
  if (!sharesPorts(nodeVersion))
    throw refused(`gatewayReusePort needs Node 22.12 or newer, and this is ${nodeVersion}`);
  return gatewayPort;
}

/** Others take the option and do nothing. */
function sharesPorts(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

function refused(message: string): PreviewError {
  return new PreviewError("config_invalid", message, {
    hint: "Leave gatewayReusePort out: a new plane then binds the port when the old one has left it.",
  });
}
