import type { LaunchLimits } from "../driver.ts";

export type Controller = "memory" | "cpu" | "pids";

export const controllers = ["memory", "cpu", "pids"] as const satisfies readonly Controller[];

interface LimitFile {
  readonly file: string;
  readonly value: string;
  /** Kernels without it still enforce the bound. */
  readonly optional?: true;
}

const cpuPeriodUs = 100_000;

/**
 * What is written into the group of a launch for one controller. Without swap a bound of memory is one, and
 * the launch then ends as a whole: half a dev server tells nobody what happened. Source: the kernel's
 * cgroup-v2 and cgroup-v1 documents.
 */
export function limitFiles(controller: Controller, version: 1 | 2, limits: LaunchLimits): LimitFile[] {
  const { memoryBytes, cpus, processes } = limits;
  switch (controller) {
    case "memory":
      return memoryBytes === undefined ? [] : memoryFiles(String(memoryBytes), version);
    case "cpu":
      return cpus === undefined ? [] : cpuFiles(Math.round(cpus * cpuPeriodUs), version);
    case "pids":
      return processes === undefined ? [] : [{ file: "pids.max", value: String(processes) }];
  }
}

/** Counts processes that the kernel ended for want of memory, in a line `oom_kill <n>`. */
export const memoryEventFiles = ["memory.events", "memory.oom_control"] as const;

/** The bounds that no controller in `held` enforces. */
export function withoutControllers(limits: LaunchLimits, held: ReadonlySet<Controller>): LaunchLimits {
  return {
    ...(limits.memoryBytes === undefined || held.has("memory") ? {} : { memoryBytes: limits.memoryBytes }),
    ...(limits.cpus === undefined || held.has("cpu") ? {} : { cpus: limits.cpus }),
    ...(limits.processes === undefined || held.has("pids") ? {} : { processes: limits.processes }),
  };
}

function memoryFiles(value: string, version: 1 | 2): LimitFile[] {
  return version === 2
    ? [
        { file: "memory.max", value },
        { file: "memory.swap.max", value: "0", optional: true },
        { file: "memory.oom.group", value: "1", optional: true },
      ]
    : [
        { file: "memory.limit_in_bytes", value },
        { file: "memory.memsw.limit_in_bytes", value, optional: true },
      ];
}

function cpuFiles(quotaUs: number, version: 1 | 2): LimitFile[] {
  return version === 2
    ? [{ file: "cpu.max", value: `${quotaUs} ${cpuPeriodUs}` }]
    : [
        { file: "cpu.cfs_period_us", value: String(cpuPeriodUs) },
        { file: "cpu.cfs_quota_us", value: String(quotaUs) },
      ];
}
