import { PreviewError } from "../../errors.ts";
import type { PortHolder } from "../../sandbox/driver.ts";
import type { PreviewDeps } from "../deps.ts";

export interface LeaseRequest {
  readonly launchId: string;
  /** This port or none: the caller asked for it. */
  readonly wanted?: number;
  /** This port when it is free, else any. */
  readonly prefer?: number;
}

export interface Lease {
  readonly port: number;
  /** Who holds the wanted port, in words; the port then is not ours. */
  readonly taken?: string;
}

const attempts = 50;

/**
 * Reserves a port for a launch. Between our look and the dev server's bind a stranger may still take
 * it; the reservation only keeps other launches of this database away, and readiness finds out the rest.
 */
export async function leasePort(
  deps: Pick<PreviewDeps, "db" | "sandbox" | "clock" | "settings">,
  request: LeaseRequest,
): Promise<Lease> {
  // sleeping previews keep their ports, on which nobody listens
  const excluded = new Set(await deps.db.leases.held(deps.sandbox.id));
  if (request.wanted !== undefined) excluded.delete(request.wanted);
  const expiresAt = leaseEnd(deps);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const wanted = request.wanted ?? (attempt === 0 ? request.prefer : undefined);
    const port = await deps.sandbox.freePort({ exclude: excluded, ...(wanted === undefined ? {} : { wanted }) });
    if (request.wanted !== undefined && port !== request.wanted)
      return { port: request.wanted, taken: await describeHolder(deps, request.wanted) };
    // somebody else has the preferred port by now: any other will do
    if (port === undefined && wanted !== undefined) continue;
    if (port === undefined) break;
    if (await deps.db.leases.reserve({ sandboxId: deps.sandbox.id, port, launchId: request.launchId, expiresAt }))
      return { port };
    if (request.wanted !== undefined) return { port, taken: `port ${port} is reserved for another launch` };
    excluded.add(port);
  }
  throw new PreviewError("no_free_port", "no free port is left in the configured range", {
    hint: "Stop previews that are no longer needed, or widen portRange.",
  });
}

/** A start takes no longer. */
export function leaseEnd({ clock, settings }: Pick<PreviewDeps, "clock" | "settings">): Date {
  return new Date(clock.now() + settings.startTimeoutMs + settings.installTimeoutMs);
}

export async function describeHolder(deps: Pick<PreviewDeps, "sandbox">, port: number): Promise<string> {
  const holder = await deps.sandbox.portHolder(port);
  return `port ${port} is held by ${printHolder(holder ?? {})}`;
}

/** Somebody else's process, in words of ours. */
export function printHolder({ pid, program }: PortHolder): string {
  if (pid === undefined) return "another process";
  return program === undefined ? `pid ${pid}` : `pid ${pid} (${program})`;
}
