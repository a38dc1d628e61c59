import { dialable } from "../../hosts.ts";
import type { Listener } from "../../sandbox/driver.ts";
import { probe } from "./probe.ts";
import type { ProbeResult } from "./probe.ts";
import type { PreviewRecord } from "../record.ts";

/** How long a server may take that is asked directly. */
export const directProbeMs = 3000;

/** Asks a server itself, past the gateway. */
export function probeServer(
  { address, port }: Listener,
  {
    preview,
    signal,
    timeoutMs = directProbeMs,
  }: {
    readonly preview: Pick<PreviewRecord, "readyPath">;
    readonly signal: AbortSignal;
    readonly timeoutMs?: number;
  },
): Promise<ProbeResult> {
  return probe({
    host: dialable(address),
    port,
    hostHeader: `localhost:${port}`,
    path: preview.readyPath,
    timeoutMs,
    signal,
  });
}
