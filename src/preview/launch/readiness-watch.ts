import type { Inspection, Listener, ProcessIdentity } from "../../sandbox/driver.ts";
import type { PreviewDeps } from "../deps.ts";
import type { ProbeResult } from "./probe.ts";
import type { PreviewRecord } from "../record.ts";

/** How a launch turned out; see DESIGN 5.4. */
export type Readiness =
  | {
      readonly kind: "answers";
      readonly preview: PreviewRecord;
      readonly listener: Listener;
      readonly status: number;
      readonly html: boolean;
      readonly bodyStart: string;
    }
  | {
      readonly kind: "silent";
      readonly preview: PreviewRecord;
      readonly listener: Listener;
      readonly direct: ProbeResult;
    }
  /** It listens and speaks TLS alone. */
  | { readonly kind: "tls"; readonly preview: PreviewRecord; readonly listener: Listener }
  | Exited
  | { readonly kind: "never_listened" }
  | { readonly kind: "superseded" };

export interface Exited {
  readonly kind: "exited";
  readonly exitCode?: number;
}

export interface ReadinessWatch {
  readonly preview: PreviewRecord;
  readonly process: ProcessIdentity;
  readonly linkTtlMs: number;
  /** Ports that are known not to be the page. */
  readonly secondPorts: readonly number[];
  /** Other programs of the command listen too, perhaps long before the server. */
  readonly company: boolean;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly phase: (name: "listen" | "answer" | "gateway", message: string) => void;
}

export type ReadinessDeps = Pick<
  PreviewDeps,
  "db" | "sandbox" | "keys" | "ids" | "clock" | "gateway" | "settings" | "arrivals"
>;

export function exited({ exitCode }: Inspection): Exited {
  return exitCode === undefined ? { kind: "exited" } : { kind: "exited", exitCode };
}
