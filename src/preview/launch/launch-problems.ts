import { asksForTls, hostBlockedBy, problemsFromLog } from "../../recipe/failure-hints.ts";
import type { FailureHint, LaunchEnd } from "../../recipe/failure-hints.ts";
import type { PreviewDeps } from "../deps.ts";
import { installLaunchId } from "./launch-plan.ts";
import type { AdoptedLaunch } from "./launch-plan.ts";
import { printHolder } from "./lease-port.ts";
import { problem } from "../problem.ts";
import type { Problem } from "../problem.ts";
import type { Readiness } from "./readiness-watch.ts";
import type { PreviewRecord } from "../record.ts";
import { isForeign, launchBehind } from "../ports/shown-server.ts";

type Served = Extract<Readiness, { kind: "answers" | "silent" | "tls" }>;
type Unserved = Extract<Readiness, { kind: "exited" | "never_listened" }>;
type Deps = Pick<PreviewDeps, "sandbox" | "settings">;

const linesForDiagnosis = 60;

/** What is to be said of a server that listens. */
export async function problemsOfServer(deps: Deps, launch: AdoptedLaunch, served: Served): Promise<Problem[]> {
  return [...bindProblems(launch, served), ...(await answerProblems(deps, served))];
}

/** Why a launch ended without serving: what the log shows first, the plain fact always. */
export async function problemsOfEnd(deps: Deps, launch: AdoptedLaunch, unserved: Unserved): Promise<Problem[]> {
  const { preview, foreseen } = launch;
  if (preview.attached) return [endOfAttached(preview, unserved)];
  const seconds = deps.settings.startTimeoutMs / 1000;
  const fact =
    unserved.kind === "exited"
      ? problem("exited", `the command ended with exit code ${unserved.exitCode ?? "unknown"} before it served`)
      : problem("never_listened", `no TCP port was opened within ${seconds} s`);
  const end = unserved.kind === "exited" ? exitOf(unserved.exitCode) : { alive: true };
  return [...(await causesOf(deps, await causesInLog(deps, preview.launchId, end), foreseen)), fact];
}

/** What the log of a preview that served shows of why it does not any more; nothing for a server of somebody else's. */
export async function causesOfTrouble(deps: Deps, preview: PreviewRecord, end: LaunchEnd): Promise<Problem[]> {
  if (preview.sandboxId !== deps.sandbox.id || isForeign(preview)) return [];
  return await causesOf(deps, await causesInLog(deps, launchBehind(preview) ?? preview.launchId, end));
}

/** Why an installation failed, or nothing. */
export async function problemsOfInstall(
  deps: Deps,
  { launchId }: PreviewRecord,
  { command, exitCode }: { readonly command: string; readonly exitCode: number | undefined },
): Promise<Problem[]> {
  if (exitCode === 0) return [];
  const fact = problem("install_failed", `${command} ended with exit code ${exitCode ?? "unknown"}`);
  return [...(await causesOf(deps, await causesInLog(deps, installLaunchId(launchId), exitOf(exitCode)))), fact];
}

/** Causes as problems, with whoever holds a port; then what was foreseen and is not among them. */
export async function causesOf(
  deps: Pick<Deps, "sandbox">,
  causes: readonly FailureHint[],
  foreseen: readonly Problem[] = [],
): Promise<Problem[]> {
  const found = await Promise.all(causes.map(async (cause) => problem(cause.code, await withHolder(deps, cause))));
  const seen = new Set(found.map(({ code }) => code));
  return [...found, ...foreseen.filter(({ code }) => !seen.has(code))];
}

async function causesInLog(deps: Deps, launchId: string, end: LaunchEnd): Promise<readonly FailureHint[]> {
  const [{ lines }, ranOut] = await Promise.all([
    deps.sandbox.readLog(launchId, { limit: linesForDiagnosis }),
    deps.sandbox.ranOutOfMemory(launchId),
  ]);
  const causes = problemsFromLog(lines, end);
  if (!ranOut) return causes;
  return [memoryLimitReached(deps), ...causes.filter(({ code }) => code !== "out_of_memory")];
}

function memoryLimitReached({ settings }: Pick<Deps, "settings">): FailureHint {
  const { memoryBytes } = settings.launchLimits;
  const limit = memoryBytes === undefined ? "its limit" : `its limit of ${Math.round(memoryBytes / 1024 ** 2)} MB`;
  return { code: "out_of_memory", message: `the command reached ${limit} of memory, and was ended for it` };
}

async function withHolder(deps: Pick<Deps, "sandbox">, { message, port }: FailureHint): Promise<string> {
  const holder = port === undefined ? undefined : await deps.sandbox.portHolder(port);
  return holder === undefined ? message : `${message}; held by ${printHolder(holder)}`;
}

export function exitOf(exitCode: number | undefined): { exitCode?: number } {
  return exitCode === undefined ? {} : { exitCode };
}

function bindProblems({ foreseen }: AdoptedLaunch, { listener, preview }: Served): Problem[] {
  const problems: Problem[] = [];
  if (listener.port !== preview.requestedPort) {
    const message = `the server listens on ${listener.port}, not on ${preview.requestedPort}`;
    // what was foreseen came true
    problems.push(problem("bound_other_port", message), ...foreseen.filter(({ code }) => code === "port_not_passed"));
  }
  if (listener.address.startsWith("127.") || listener.address === "::1") {
    problems.push(problem("bound_loopback_only", `the server listens on ${listener.address} only`));
  }
  return problems;
}

async function answerProblems(deps: Deps, served: Served): Promise<Problem[]> {
  const { preview } = served;
  switch (served.kind) {
    case "tls":
      return [speaksTls(served.listener.port)];
    case "silent":
      return await silenceProblems(deps, served);
    case "answers": {
      const refused = refusalProblem(served, preview);
      if (refused !== undefined) return [refused];
      if (served.status < 500) return [];
      const fact = problem("server_error", `GET ${preview.readyPath} answers ${served.status}`);
      return [fact, ...(await causesOfTrouble(deps, preview, {}))];
    }
  }
}

async function silenceProblems(
  deps: Deps,
  { preview, direct, listener }: Extract<Served, { kind: "silent" }>,
): Promise<Problem[]> {
  const { readyPath } = preview;
  if (direct.answered)
    return [
      problem("gateway_unreachable", `${readyPath} answers ${direct.status} directly, but not through the gateway`),
    ];
  const fact = problem(
    "no_http_answer",
    `port ${listener.port} is open, but GET ${readyPath} got no HTTP answer (${direct.error})`,
  );
  return [...(await causesOfTrouble(deps, preview, { alive: true, silent: true })), fact];
}

/** The server answers, and refuses what a preview asks: our host name, or plain HTTP. */
export function refusalProblem(
  { status, bodyStart }: { readonly status: number; readonly bodyStart: string },
  { framework, port, requestedPort }: PreviewRecord,
): Problem | undefined {
  if (asksForTls(status, bodyStart)) return speaksTls(port ?? requestedPort);
  const blocked = hostBlockedBy(status, bodyStart, framework);
  if (blocked === undefined) return undefined;
  return problem("host_blocked", `${blocked.framework} refuses the preview's host; set ${blocked.setting}`);
}

function speaksTls(port: number): Problem {
  return problem("tls_on_port", `port ${port} speaks TLS, and no plain HTTP`);
}

/** We have no output of it, and it was not for us to make it listen. */
function endOfAttached({ requestedPort }: PreviewRecord, { kind }: Unserved): Problem {
  return kind === "exited"
    ? problem("exited", `the server on port ${requestedPort} ended before it answered`)
    : problem("never_listened", `nothing listens on port ${requestedPort} any more`);
}
