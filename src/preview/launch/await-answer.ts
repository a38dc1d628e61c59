import { setTimeout as sleep } from "node:timers/promises";
import type { Listener } from "../../sandbox/driver.ts";
import { answersTls } from "./answers-tls.ts";
import type { MintedLink } from "../links/links.ts";
import { createPollPauses } from "./poll-pauses.ts";
import { probe } from "./probe.ts";
import type { ProbeResult } from "./probe.ts";
import { dialable } from "../../hosts.ts";
import { directProbeMs, probeServer } from "./probe-server.ts";
import { exited } from "./readiness-watch.ts";
import type { Readiness, ReadinessDeps, ReadinessWatch } from "./readiness-watch.ts";
import type { PreviewRecord } from "../record.ts";

export interface Answering {
  readonly preview: PreviewRecord & { readonly port: number };
  readonly link: MintedLink;
  readonly listener: Listener;
}

type Deps = Pick<ReadinessDeps, "sandbox" | "clock" | "gateway">;

/** While an open port does not answer, this often we look whether its process still lives. */
const aliveLookMs = 60;
/** So many broken answers in a row are looked at more closely: one may come of a server that restarts. */
const brokenBeforeTls = 2;
/**
 * A 503 says "not yet": some open their port before they can render, and fail otherwise on the way. Such
 * answers are taken for the server's word after so long.
 */
const notYetMs = 20_000;

/** Waits for the first answer of a server that listens, through the gateway. */
export async function awaitAnswer(deps: Deps, watch: ReadinessWatch, answering: Answering): Promise<Readiness> {
  const done = new AbortController();
  const { preview, listener } = answering;
  const direct = askAtLast(deps, watch, { listener, signal: AbortSignal.any([watch.signal, done.signal]) });
  try {
    const readiness = await askThroughGateway(deps, watch, answering);
    return readiness ?? { kind: "silent", preview, listener, direct: await direct };
  } finally {
    done.abort();
  }
}

/** Undefined when time is up without an answer. */
async function askThroughGateway(
  deps: Deps,
  watch: ReadinessWatch,
  { preview, link, listener }: Answering,
): Promise<Readiness | undefined> {
  const pauses = createPollPauses(deps.clock, { leastMs: 2, mostMs: 150 });
  let lookedAt = deps.clock.now();
  let broken = 0;
  let notYet: { readonly since: number; readonly readiness: Readiness } | undefined;
  while (deps.clock.now() < watch.deadline) {
    const answer = await probeGateway(deps, watch, { preview, link });
    watch.signal.throwIfAborted();
    if (answer.answered && answer.previewStatus === undefined) {
      const { status, html, bodyStart } = answer;
      const readiness = { kind: "answers", preview, listener, status, html, bodyStart } as const;
      const boots = status === 503 || (status > 499 && notYet !== undefined);
      notYet = { since: notYet?.since ?? deps.clock.now(), readiness };
      if (!boots || deps.clock.now() - notYet.since >= notYetMs) {
        watch.phase("gateway", `answered ${status} through the gateway`);
        return readiness;
      }
    }
    broken = answer.answered && answer.previewStatus === "unreachable" ? broken + 1 : 0;
    if (broken === brokenBeforeTls && (await speaksTls(listener, watch))) return { kind: "tls", preview, listener };
    if (deps.clock.now() - lookedAt >= aliveLookMs) {
      const inspection = await deps.sandbox.inspect(watch.preview.launchId, watch.process);
      if (!inspection.alive) return exited(inspection);
      lookedAt = deps.clock.now();
    }
    await pauses.wait(watch.signal);
  }
  return notYet?.readiness;
}

function probeGateway(
  { clock, gateway }: Deps,
  { deadline, signal }: ReadinessWatch,
  { preview, link }: Pick<Answering, "preview" | "link">,
): Promise<ProbeResult> {
  return probe({
    host: dialable(gateway.listenHost),
    port: gateway.listenPort,
    tls: gateway.listenTls === true,
    hostHeader: link.host,
    ...(link.gated ? { previewToken: link.token } : {}),
    path: preview.readyPath,
    timeoutMs: Math.max(1, deadline - clock.now()),
    signal,
  });
}

/** Asks the server itself shortly before time is up, to tell then what it does. */
async function askAtLast(
  { clock }: Deps,
  { preview, deadline }: ReadinessWatch,
  { listener, signal }: Pick<Answering, "listener"> & { readonly signal: AbortSignal },
): Promise<ProbeResult> {
  const leftMs = Math.max(0, deadline - clock.now());
  const timeoutMs = Math.min(directProbeMs, leftMs / 2);
  try {
    await sleep(leftMs - timeoutMs, undefined, { signal });
  } catch {
    // answered through the gateway, or nobody waits any more
    return { answered: false, error: "not asked" };
  }
  return await probeServer(listener, { preview, signal, timeoutMs });
}

function speaksTls({ address, port }: Listener, { signal }: ReadinessWatch): Promise<boolean> {
  return answersTls({ host: dialable(address), port, timeoutMs: directProbeMs, signal });
}
