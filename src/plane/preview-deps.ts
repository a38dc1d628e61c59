import { randomBytes, randomUUID } from "node:crypto";
import { systemClock } from "../clock.ts";
import { localDatabasePort } from "../db/local-port.ts";
import { PreviewError } from "../errors.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { PreviewDeps } from "../preview/deps.ts";
import { processStartTime } from "../sandbox/process-start-time.ts";
import type { LaunchLimits } from "../sandbox/driver.ts";
import type { PreviewLimits } from "../preview/limits.ts";
import type { SleepBounds } from "../preview/sleep/idle-store.ts";
import type { Config } from "../settings.ts";
import type { OrgSettings, SettingsByOrg } from "../preview/org-settings.ts";
import { sweepEveryMs } from "./idle-times.ts";
import { hasLogin } from "./plane-login.ts";
import { gatewayAddress, ownPorts } from "./parts.ts";
import type { Parts } from "./parts.ts";

export function previewDeps(config: Config, parts: Parts, { uses }: Pick<Gateway, "uses">): PreviewDeps {
  const { state, ports, instruments, ...shared } = parts;
  return {
    ...shared,
    clock: systemClock,
    ...(instruments && { onPhaseEnd: instruments.phase }),
    ids: { launch: () => randomUUID(), link: () => randomBytes(8).toString("hex") },
    self: { pid: process.pid, startTime: processStartTime(process.pid) },
    gateway: gatewayAddress(config, ports.gateway),
    uses,
    settings: {
      defaultCommand: config.defaultCommand,
      install: config.install,
      startTimeoutMs: config.startTimeoutSeconds * 1000,
      installTimeoutMs: config.installTimeoutSeconds * 1000,
      stopGraceMs: config.stopGraceSeconds * 1000,
      linkTtlMs: config.linkTtlSeconds * 1000,
      gatedLinks: hasLogin(config),
      ownPorts: ownPorts(config, ports, localDatabasePort),
      stateDir: state.root,
      limits: limitsOf(config),
      orgs: settingsByOrg(config),
      idle: {
        sweepMs: sweepEveryMs(config),
        keepEndedMs: config.logKeepSeconds * 1000,
        keepaliveMinMs: config.keepaliveMinSeconds * 1000,
        ...sleepBounds(config),
      },
      launchLimits: launchLimitsOf(config),
      isolation: config.dangerouslyShareHost ? "none" : config.isolation,
      ...(config.orgWorkspaces === undefined ? {} : { orgWorkspaces: config.orgWorkspaces }),
    },
  };
}

/** 0 is no limit. */
function launchLimitsOf({ previewMemoryMb, previewCpus, previewProcesses }: Config): LaunchLimits {
  return {
    ...(previewMemoryMb > 0 ? { memoryBytes: previewMemoryMb * 1024 ** 2 } : {}),
    ...(previewCpus > 0 ? { cpus: previewCpus } : {}),
    ...(previewProcesses > 0 ? { processes: previewProcesses } : {}),
  };
}

/** 0 is no limit. */
function limitsOf(config: Config): PreviewLimits {
  const limits = {
    session: config.limitSessionPreviews,
    user: config.limitUserPreviews,
    project: config.limitProjectPreviews,
    org: config.limitOrgPreviews,
    plane: config.limitPlanePreviews,
    startsPerMinute: config.limitStartsPerMinute,
  };
  return Object.fromEntries(Object.entries(limits).filter(([, most]) => most > 0));
}

/** 0 is no limit. */
function sleepBounds({ limitProjectSleeping, limitOrgSleeping }: Config): SleepBounds {
  return {
    ...(limitProjectSleeping > 0 ? { mostOfProject: limitProjectSleeping } : {}),
    ...(limitOrgSleeping > 0 ? { mostOfOrg: limitOrgSleeping } : {}),
  };
}

function settingsByOrg(config: Config): SettingsByOrg {
  const { idleSeconds, keepaliveMaxSeconds, maxVisibility, orgs } = config;
  refuseHidden(config);
  return {
    every: { idleMs: idleSeconds * 1000, keepaliveMaxMs: keepaliveMaxSeconds * 1000, maxVisibility },
    own: new Map(Object.entries(orgs).map(([org, overrides]) => [org, overridesOf(overrides)])),
  };
}

/** Previews for members only, and no login: nobody would ever see them. */
function refuseHidden(config: Config): void {
  const all = [config.maxVisibility, ...Object.values(config.orgs).map(({ maxVisibility }) => maxVisibility)];
  if (hasLogin(config) || all.every((visibility) => visibility === undefined || visibility === "link")) return;
  throw new PreviewError("config_invalid", "maxVisibility keeps previews to people who log in, and there is no login", {
    hint: "Set oidcIssuer and oidcClientId, or leave maxVisibility at `link`.",
  });
}

function overridesOf(overrides: Config["orgs"][string]): Partial<OrgSettings> {
  const { idleSeconds, keepaliveMaxSeconds, maxVisibility } = overrides;
  return {
    ...(maxVisibility === undefined ? {} : { maxVisibility }),
    ...(idleSeconds === undefined ? {} : { idleMs: idleSeconds * 1000 }),
    ...(keepaliveMaxSeconds === undefined ? {} : { keepaliveMaxMs: keepaliveMaxSeconds * 1000 }),
  };
}
