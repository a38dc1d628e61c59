import { execa } from "execa";
import type { IsolationSupport } from "../driver.ts";
import { canRefuseAbstractSockets } from "./abstract-sockets.ts";

/** What the host lets a confined launch be kept from. */
export interface HostSupport {
  readonly support: IsolationSupport;
  readonly refusesAbstractSockets: boolean;
}

interface Trial {
  readonly platform: NodeJS.Platform;
  /** What launches inherit. */
  readonly env: Readonly<Record<string, string>>;
  /** There is a filter of system calls for this processor. */
  readonly filtersCalls: boolean;
}

/** Tried for real: kernels and containers may forbid what is installed. */
export async function tryHost({ platform, env, filtersCalls }: Trial): Promise<HostSupport> {
  if (platform !== "linux") return unavailable(`projects cannot be kept apart on ${platform}`);
  const options = { env, extendEnv: false, reject: false, timeout: 10_000, stdin: "ignore" } as const;
  const [confined, restricted] = await Promise.all([
    execa("bwrap", trialArguments, options),
    execa("perl", canRefuseAbstractSockets.slice(1), options),
  ]);
  if (confined.failed) {
    return unavailable(
      confined.code === "ENOENT"
        ? "bubblewrap is not installed (apt-get install bubblewrap)"
        : "bubblewrap does not run here (are user namespaces forbidden?)",
    );
  }
  const gaps = [
    ...(filtersCalls
      ? []
      : ["keyrings of the user, shared ports and user namespaces are open to all on this processor"]),
    ...(restricted.failed ? ["abstract Unix sockets are open to all (Linux 6.12 and perl keep them apart)"] : []),
  ];
  return {
    support: { available: true, ...(gaps.length === 0 ? {} : { gaps }) },
    refusesAbstractSockets: !restricted.failed,
  };
}

const trialArguments = "--unshare-user --unshare-pid --ro-bind / / --proc /proc --dev /dev true".split(" ");

function unavailable(reason: string): HostSupport {
  return { support: { available: false, reason }, refusesAbstractSockets: false };
}
