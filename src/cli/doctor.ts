import type { Command } from "commander";
import { planeToken } from "../client/plane-token.ts";
import { currentDirectory } from "../client/working-tree.ts";
import { loadConfig, processEnv } from "../config.ts";
import type { ClientConfig } from "../settings.ts";
import { PreviewError } from "../errors.ts";
import { fail, ok } from "./doctor-check.ts";
import type { Check } from "./doctor-check.ts";
import { checkDatabase, checkNode, checkPlatform, checkPorts, checkPrograms, checkStateDir } from "./doctor-host.ts";
import { checkConfinement } from "./doctor-isolation.ts";
import { checkPlane } from "./doctor-plane.ts";
import { exitCodes } from "./exit-codes.ts";
import { examples, newCommand, withPlaneOptions } from "./new-command.ts";
import type { TargetFlags } from "./new-command.ts";
import { readPackageInfo } from "./package-info.ts";
import { runAction } from "./run-action.ts";
import type { Answer } from "./run-action.ts";

export function createDoctorCommand(): Command {
  return withPlaneOptions(newCommand("doctor", "Check this machine and the plane; nothing is started or changed"))
    .addHelpText("after", examples("dev-preview doctor", "dev-preview doctor --json"))
    .action((flags: TargetFlags) => runAction(flags, async ({ config }) => doctorAnswer(await runChecks(config))));
}

async function runChecks(config: ClientConfig): Promise<Check[]> {
  const host = [
    checkNode(process.versions.node),
    checkPlatform(process.platform, process.arch),
    checkPrograms(process.platform, processEnv()["PATH"] ?? ""),
    checkStateDir(config.stateDir),
  ];
  const plane = await guarded("configuration", async () => {
    const settings = loadConfig({ env: processEnv(), flags: { stateDir: config.stateDir }, cwd: currentDirectory() });
    const confinement = await checkConfinement(settings, { platform: process.platform, env: definedEnv() });
    return [ok("configuration", "accepted"), checkDatabase(settings), await checkPorts(settings), ...confinement];
  });
  return [...host, ...plane, ...(await guarded("plane", () => checkPlane(config, ownFacts(config))))];
}

function definedEnv(): Record<string, string> {
  const defined = Object.entries(processEnv()).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries(defined);
}

/** A check that cannot be made is a failed one, with the reason that it was given. */
async function guarded(name: string, checks: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await checks();
  } catch (error) {
    if (error instanceof PreviewError) return [fail(name, error.message, error.hint)];
    throw error;
  }
}

function ownFacts(config: ClientConfig): { version: string; token?: string } {
  const token = planeToken(config);
  return { version: readPackageInfo().version, ...(token === undefined ? {} : { token }) };
}

function doctorAnswer(checks: readonly Check[]): Answer {
  const failed = checks.some(({ status }) => status === "fail");
  const text = checks.map(checkText).join("");
  return { json: { ok: !failed, checks }, text, exitCode: failed ? exitCodes.failure : exitCodes.ok };
}

function checkText({ name, status, detail, fix }: Check): string {
  const line = `${status.padEnd(4)}  ${name.padEnd(15)}  ${detail}\n`;
  return fix === undefined ? line : `${line}${" ".repeat(23)}-> ${fix}\n`;
}
