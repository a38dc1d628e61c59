import type { Listener } from "../../sandbox/driver.ts";
import { createIdleWatch } from "../sleep/idle-watch.ts";
import { createPollPauses } from "./poll-pauses.ts";
import { probeServer } from "./probe-server.ts";
import { exited } from "./readiness-watch.ts";
import type { Exited, ReadinessDeps, ReadinessWatch } from "./readiness-watch.ts";

type Found = { kind: "listening"; listener: Listener } | Exited | { kind: "never_listened" };

type Deps = Pick<ReadinessDeps, "sandbox" | "clock">;

/** A port that is not the one asked for counts once its launch is idle, or after this long: the main one may still come. */
const otherPortGraceMs = 3000;
/** In company it counts only when the launch is idle after the grace, or after this long: it is likely another's. */
const companyGraceMs = 30_000;
/** Where a sandbox does not tell processor time. */
const otherPortSilentMs = 600;
/** A server that is attached listened a moment ago: so long it may take to open its port again. */
const reopenMs = 5000;

/** Waits for the socket of the server: on the port that was asked for, or on the one that it chose itself. */
export async function awaitListener(deps: Deps, watch: ReadinessWatch): Promise<Found> {
  const pauses = createPollPauses(deps.clock, { leastMs: 5, mostMs: 150 });
  const { attached } = watch.preview;
  const deadline = attached ? Math.min(watch.deadline, deps.clock.now() + reopenMs) : watch.deadline;
  const candidates = otherPorts(deps, watch);
  while (deps.clock.now() < deadline) {
    const inspection = await deps.sandbox.inspect(watch.preview.launchId, watch.process);
    if (!inspection.alive) return exited(inspection);
    const wanted = inspection.listeners.find(({ port }) => port === watch.preview.requestedPort);
    if (wanted !== undefined) return { kind: "listening", listener: wanted };
    // the port of an attached server is what was asked for: no other one will do
    if (!attached && inspection.listeners.length > 0) {
      const other = await pageAmong(await candidates(inspection.listeners), watch);
      if (other !== undefined) return { kind: "listening", listener: other };
    }
    await pauses.wait(watch.signal);
  }
  return { kind: "never_listened" };
}

/**
 * Of the ports of a launch, those that may be its page by now; asked again and again once it has one.
 * A port that is known to be another server's comes last: it is all that is left of a page that failed.
 */
function otherPorts({ sandbox, clock }: Deps, { preview, process, secondPorts, company }: ReadinessWatch) {
  const idle = createIdleWatch(clock, { silentMs: otherPortSilentMs });
  let since: number | undefined;
  return async (listeners: readonly Listener[]): Promise<readonly Listener[]> => {
    since ??= clock.now();
    const isIdle = idle.look({ cpuMs: await sandbox.cpuTimeMs(preview.launchId, process), printed: false });
    const isLate = clock.now() - since >= otherPortGraceMs;
    const counts = company ? (isIdle && isLate) || clock.now() - since >= companyGraceMs : isIdle || isLate;
    if (!counts) return [];
    const unknown = listeners.filter(({ port }) => !secondPorts.includes(port));
    return unknown.length === 0 && isIdle && isLate ? listeners : unknown;
  };
}

/** A second port of a framework (Vite's socket server answers 426) is not the page; of others, one with a page is. */
async function pageAmong(listeners: readonly Listener[], watch: ReadinessWatch): Promise<Listener | undefined> {
  let first: Listener | undefined;
  for (const listener of listeners) {
    const answer = await probeServer(listener, watch);
    if (!answer.answered || answer.status === 426) continue;
    if (answer.html) return listener;
    first ??= listener;
  }
  return first;
}
