import type { PreviewDeps } from "../deps.ts";
import { installLaunchId } from "./launch-plan.ts";
import type { PreviewRecord } from "../record.ts";

type Ending = Pick<PreviewRecord, "launchId" | "attached" | "process">;

/**
 * Everything that a launch started, its installation included. A server that is attached is let go of
 * and runs on, unless it is to be killed: then itself and its descendants, never who started it.
 */
export async function endProcesses(
  deps: Pick<PreviewDeps, "sandbox" | "settings">,
  { launchId, attached, process }: Ending,
  { kill = false }: { readonly kill?: boolean } = {},
): Promise<void> {
  const { stopGraceMs: graceMs } = deps.settings;
  if (attached && !(kill && process !== undefined)) return await deps.sandbox.forget(launchId);
  await Promise.all([
    ...(attached ? [] : [deps.sandbox.stop(installLaunchId(launchId), undefined, { graceMs })]),
    deps.sandbox.stop(launchId, process, { graceMs }),
  ]);
}

/** The files that earlier launches of a preview left. */
export async function forgetLaunch(deps: Pick<PreviewDeps, "sandbox">, launchId: string): Promise<void> {
  await Promise.all([deps.sandbox.forget(installLaunchId(launchId)), deps.sandbox.forget(launchId)]);
}
