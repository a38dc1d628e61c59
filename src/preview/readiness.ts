import type { Inspection, Listener, ProcessIdentity } from "../sandbox/driver.ts";
import type { PreviewDeps } from "./deps.ts";
import { printSignedHost } from "./host-name.ts";
import { linkOf } from "./links.ts";
import type { MintedLink } from "./links.ts";
import { createPollPauses } from "./poll-pauses.ts";
import { probe } from "./probe.ts";
import type { ProbeResult } from "./probe.ts";
import type { PreviewRecord } from "./record.ts";

/** How a launch turned out; see DESIGN 5.4. */
export type Readiness =
  | {
      readonly kind: "answers";
      readonly preview: PreviewRecord;
      readonly listener: Listener;
      readonly status: number;
      readonly html: boolean;
      readonly bodyStart: string;
    }
  | {
      readonly kind: "silent";
      readonly preview: PreviewRecord;
      readonly listener: Listener;
      readonly direct: ProbeResult;
    }
  | { readonly kind: "exited"; readonly exitCode?: number }
  | { readonly kind: "never_listened" }
  | { readonly kind: "superseded" };

export interface ReadinessWatch {
  readonly preview: PreviewRecord;
  readonly process: ProcessIdentity;
  readonly linkTtlMs: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly phase: (name: "listen" | "answer" | "gateway", message: string) => void;
}

type Deps = Pick<PreviewDeps, "db" | "sandbox" | "keys" | "ids" | "clock" | "gateway" | "settings" | "arrivals">;

/** A port that is not the one asked for counts only after this long: the main one may still come. */
const otherPortGraceMs = 600;
/** A server that is attached listened a moment ago: so long it may take to open its port again. */
const reopenMs = 5000;
const directProbeMs = 3000;
/** While an open port does not answer, this often we look whether its process still lives. */
const aliveLookMs = 60;

/**
 * Watches a launch until its server is proven through the gateway under the preview's own host
 * name, or until it is clear that it will not be. The link for the port that was asked for is made
 * while the server boots; until it listens, the gateway answers that it is starting.
 */
export async function awaitReadiness(deps: Deps, watch: ReadinessWatch): Promise<Readiness> {
  const { launchId, requestedPort } = watch.preview;
  watch.phase("listen", `waiting for port ${requestedPort}`);
  const [foreseen, found] = await Promise.all([
    linkOf(deps, { ...watch.preview, port: requestedPort }, watch.linkTtlMs),
    awaitListener(deps, watch),
  ]);
  if (found.kind !== "listening") return found;
  const preview = await deps.db.previews.recordListener(launchId, found.listener);
  if (preview?.port === undefined) return { kind: "superseded" };
  const bound = { ...preview, port: preview.port };
  const link = foreseen?.port === bound.port ? foreseen : await linkOf(deps, bound, watch.linkTtlMs);
  if (link === undefined) return { kind: "superseded" };
  watch.phase("answer", `port ${bound.port} is open, waiting for an HTTP answer`);
  return await awaitAnswer(deps, watch, { preview: bound, link, listener: found.listener });
}

type Found =
  | { kind: "listening"; listener: Listener }
  | { kind: "exited"; exitCode?: number }
  | { kind: "never_listened" };

async function awaitListener(deps: Deps, watch: ReadinessWatch): Promise<Found> {
  const pauses = createPollPauses(deps.clock, { leastMs: 5, mostMs: 150 });
  const { attached } = watch.preview;
  const deadline = attached ? Math.min(watch.deadline, deps.clock.now() + reopenMs) : watch.deadline;
  let otherSince: number | undefined;
  while (deps.clock.now() < deadline) {
    const inspection = await deps.sandbox.inspect(watch.preview.launchId, watch.process);
    if (!inspection.alive) return exited(inspection);
    const wanted = inspection.listeners.find(({ port }) => port === watch.preview.requestedPort);
    if (wanted !== undefined) return { kind: "listening", listener: wanted };
    // the port of an attached server is what was asked for: no other one will do
    if (inspection.listeners.length > 0 && !attached) otherSince ??= deps.clock.now();
    if (otherSince !== undefined && deps.clock.now() - otherSince >= otherPortGraceMs) {
      const other = await firstThatServes(inspection.listeners, watch);
      if (other !== undefined) return { kind: "listening", listener: other };
    }
    await pauses.wait(watch.signal);
  }
  return { kind: "never_listened" };
}

/** A second port of a framework (Vite's socket server answers 426) is not the page. */
async function firstThatServes(listeners: readonly Listener[], watch: ReadinessWatch): Promise<Listener | undefined> {
  for (const listener of listeners) {
    const answer = await probeDirectly(listener, watch);
    if (answer.answered && answer.status !== 426) return listener;
  }
  return undefined;
}

interface Answering {
  readonly preview: PreviewRecord & { readonly port: number };
  readonly link: MintedLink;
  readonly listener: Listener;
}

async function awaitAnswer(deps: Deps, watch: ReadinessWatch, answering: Answering): Promise<Readiness> {
  const { preview, listener } = answering;
  const host = printSignedHost(answering.link, deps.gateway.domain);
  const pauses = createPollPauses(deps.clock, { leastMs: 2, mostMs: 150 });
  let lookedAt = deps.clock.now();
  while (deps.clock.now() < watch.deadline) {
    const answer = await probe({
      host: dialable(deps.gateway.listenHost),
      port: deps.gateway.listenPort,
      hostHeader: host,
      path: preview.readyPath,
      timeoutMs: Math.max(1, watch.deadline - deps.clock.now()),
      signal: watch.signal,
    });
    watch.signal.throwIfAborted();
    if (answer.answered && answer.previewStatus === undefined) {
      watch.phase("gateway", `answered ${answer.status} through the gateway`);
      const { status, html, bodyStart } = answer;
      return { kind: "answers", preview, listener, status, html, bodyStart };
    }
    if (deps.clock.now() - lookedAt >= aliveLookMs) {
      const inspection = await deps.sandbox.inspect(watch.preview.launchId, watch.process);
      if (!inspection.alive) return exited(inspection);
      lookedAt = deps.clock.now();
    }
    await pauses.wait(watch.signal);
  }
  return { kind: "silent", preview, listener, direct: await probeDirectly(listener, watch) };
}

function probeDirectly(listener: Listener, watch: ReadinessWatch): Promise<ProbeResult> {
  return probe({
    host: dialable(listener.address),
    port: listener.port,
    hostHeader: `localhost:${listener.port}`,
    path: watch.preview.readyPath,
    timeoutMs: directProbeMs,
    signal: watch.signal,
  });
}

function exited(inspection: Inspection): { kind: "exited"; exitCode?: number } {
  return inspection.exitCode === undefined ? { kind: "exited" } : { kind: "exited", exitCode: inspection.exitCode };
}

/** The address to dial for a bound one. */
function dialable(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}
