import type { ProcessIdentity } from "../../sandbox/driver.ts";
import type { Confinement } from "./confinement.ts";
import type { Problem } from "../problem.ts";
import type { PreviewRecord } from "../record.ts";

/** One launch as the plane carries it out. */
export interface LaunchOrder {
  readonly preview: PreviewRecord;
  /** The command with its port filled in. */
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly confinement: Confinement;
  /** Runs first, in the repo directory, when dependencies are missing. */
  readonly installCommand?: string;
  /** What may make the launch fail, known beforehand; told when it does. */
  readonly foreseen: readonly Problem[];
  /** Ports that the launch is known to open besides its own: none of them is the page. */
  readonly secondPorts: readonly number[];
  /** Other programs of the command listen too, perhaps long before the server. */
  readonly company: boolean;
  readonly linkTtlMs: number;
}

/** A launch that another plane began: only its process is left to be watched. */
export interface AdoptedLaunch {
  readonly preview: PreviewRecord;
  readonly process: ProcessIdentity;
  readonly linkTtlMs: number;
  readonly foreseen: readonly Problem[];
  readonly secondPorts: readonly number[];
  /** Other programs of the command listen too, perhaps long before the server. */
  readonly company: boolean;
}

/** The installation is a launch of its own, so that it too is found and ended after a crash of the plane. */
export function installLaunchId(launchId: string): string {
  return `${launchId}-install`;
}
