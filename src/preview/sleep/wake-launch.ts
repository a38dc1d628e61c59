import { PreviewError } from "../../errors.ts";
import { newPreview, orderOf, planOf } from "../launch/begin-launch.ts";
import type { Wish } from "../launch/begin-launch.ts";
import { confinementOf } from "../launch/confinement.ts";
import { startInput } from "../contract.ts";
import type { StartInput } from "../contract.ts";
import type { PreviewDeps } from "../deps.ts";
import { forgetLaunch } from "../launch/end-processes.ts";
import type { Launches } from "../launch/launches.ts";
import { describeHolder, leaseEnd } from "../launch/lease-port.ts";
import type { PreviewRecord } from "../record.ts";

interface Waking extends Wish {
  /** Asleep, and nothing of its last launch runs any more. */
  readonly known: PreviewRecord;
}

/**
 * Launches a sleeping preview again, on the port that its links name; `undefined` when it sleeps no more: of
 * several who wake it, in whichever planes, one does. Rejects with what a start rejects with, and with
 * `no_free_port` while somebody else holds the port.
 */
export async function wakeLaunch(
  deps: PreviewDeps,
  launches: Launches,
  waking: Waking,
): Promise<PreviewRecord | undefined> {
  const { project, input, claimant, known } = waking;
  const confinement = await confinementOf(deps, project);
  const plan = await planOf(deps, project, input);
  const { requestedPort: port, launchId: wakes } = known;
  await refuseHeldPort(deps, port);
  const launchId = deps.ids.launch();
  const rendered = plan.render(port);
  const wanted = newPreview(deps, waking, { plan, launchId, command: rendered.command, port });
  const preview = await deps.db.previews.claim({ ...wanted, wakes }, claimant);
  if (preview === undefined) return undefined;
  await deps.db.leases.handOver({ from: wakes, to: launchId, expiresAt: leaseEnd(deps) });
  await forgetLaunch(deps, wakes);
  launches.begin(orderOf(deps, preview, { input, confinement, plan, rendered }));
  return preview;
}

/** What its start asked for, and what this call asks for instead. */
export function askedAgain(known: PreviewRecord, asks: Partial<StartInput> = {}): StartInput {
  // of previews that were started before it was kept, the command is known as it ran
  const asked = known.asked ?? { command: known.command, repoDir: known.repoDir };
  const { name, env, signed, keepaliveMs } = known;
  const keepalive = keepaliveMs === undefined ? {} : { keepaliveSeconds: keepaliveMs / 1000 };
  const given = Object.fromEntries(Object.entries(asks).filter(([, value]) => value !== undefined));
  return startInput.parse({ ...asked, name, env, signed, ...keepalive, ...given });
}

async function refuseHeldPort(deps: PreviewDeps, port: number): Promise<void> {
  if ((await deps.sandbox.freePort({ wanted: port, exclude: new Set() })) === port) return;
  throw new PreviewError("no_free_port", await describeHolder(deps, port), {
    hint: "The links of the preview name this port: end the process that holds it, or start with ifRunning restart for another one.",
  });
}
