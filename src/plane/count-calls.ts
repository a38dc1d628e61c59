import { PreviewError } from "../errors.ts";
import type { Instruments } from "../metrics/instruments.ts";
import type { InspectUseCases } from "../preview/inspection.ts";
import { LimitReachedError } from "../preview/limits.ts";
import type { PreviewUseCases } from "../preview/use-cases.ts";
import type { McpHttpOptions } from "../tools/http.ts";

interface Doors {
  readonly mcp: Pick<McpHttpOptions, "useCases" | "onCall">;
  readonly v1: UseCases;
}

interface UseCases {
  readonly useCases: PreviewUseCases;
  readonly inspect: InspectUseCases;
}

/**
 * The use-cases as each door offers them, so that every call is counted once: at /mcp by the tools themselves, which
 * also know calls that they refuse, and at /v1, which the stdio front and the command line call, by use-case.
 */
export function countAtDoors({ useCases, inspect }: UseCases, instruments: Instruments | undefined): Doors {
  if (instruments === undefined) return { mcp: { useCases }, v1: { useCases, inspect } };
  const limited = countLimits(useCases, instruments);
  return {
    mcp: { useCases: limited, onCall: (tool, outcome) => instruments.call("mcp", { tool, outcome }) },
    v1: { useCases: countCalls(limited, instruments), inspect: countLooks(inspect, instruments) },
  };
}

function countLimits(useCases: PreviewUseCases, instruments: Instruments): PreviewUseCases {
  return {
    ...useCases,
    async start(...call) {
      try {
        return await useCases.start(...call);
      } catch (error) {
        if (error instanceof LimitReachedError) instruments.previewLimit(error.limit);
        throw error;
      }
    },
  };
}

function countCalls(useCases: PreviewUseCases, instruments: Instruments): PreviewUseCases {
  return {
    ...useCases,
    start: (...call) => counted(instruments, "start", () => useCases.start(...call)),
    url: (...call) => counted(instruments, "url", () => useCases.url(...call)),
    stop: (...call) => counted(instruments, "stop", () => useCases.stop(...call)),
    list: (...call) => counted(instruments, "list", () => useCases.list(...call)),
    logs: (...call) => counted(instruments, "logs", () => useCases.logs(...call)),
  };
}

function countLooks(inspect: InspectUseCases, instruments: Instruments): InspectUseCases {
  return {
    check: (...call) => counted(instruments, "check", () => inspect.check(...call)),
    screenshot: (...call) => counted(instruments, "screenshot", () => inspect.screenshot(...call)),
  };
}

type Counted = "start" | "url" | "stop" | "list" | "logs" | "check" | "screenshot";

async function counted<Output>(instruments: Instruments, name: Counted, call: () => Promise<Output>): Promise<Output> {
  const count = (outcome: string) => instruments.call("v1", { tool: `dev_preview_${name}`, outcome });
  try {
    const output = await call();
    count("ok");
    return output;
  } catch (error) {
    count(error instanceof PreviewError ? error.code : "internal");
    throw error;
  }
}
