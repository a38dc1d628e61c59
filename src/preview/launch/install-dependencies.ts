import { setTimeout as sleep } from "node:timers/promises";
import type { PreviewDeps } from "../deps.ts";
import { installLaunchId } from "./launch-plan.ts";
import type { LaunchOrder } from "./launch-plan.ts";
import { problemsOfInstall } from "./launch-problems.ts";
import type { LaunchRun } from "./launch-run.ts";
import { problem } from "../problem.ts";
import type { Problem } from "../problem.ts";

const pollMs = 100;

/** Runs the installation that a launch asks for, to its end; returns why it failed, or nothing. */
export async function installDependencies(deps: PreviewDeps, order: LaunchOrder, run: LaunchRun): Promise<Problem[]> {
  const { preview, installCommand } = order;
  if (installCommand === undefined) return [];
  const launchId = installLaunchId(preview.launchId);
  run.phase("install", `installing dependencies: ${installCommand}`);
  const spec = {
    launchId,
    command: installCommand,
    cwd: preview.repoDir,
    port: preview.requestedPort,
    env: order.env,
    ...order.confinement,
  };
  const process = await deps.sandbox.launch(spec);
  const deadline = deps.clock.now() + deps.settings.installTimeoutMs;
  try {
    for (;;) {
      const { alive, exitCode } = await deps.sandbox.inspect(launchId, process);
      if (!alive) return await problemsOfInstall(deps, preview, { command: installCommand, exitCode });
      if (deps.clock.now() > deadline)
        return [problem("install_failed", `${installCommand} took longer than ${deps.settings.installTimeoutMs} ms`)];
      await sleep(pollMs, undefined, { signal: run.signal });
    }
  } finally {
    await deps.sandbox.stop(launchId, process, { graceMs: deps.settings.stopGraceMs });
  }
}
