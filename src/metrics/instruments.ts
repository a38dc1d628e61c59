import { Counter, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import type { PhaseName } from "../preview/contract.ts";
import type { PreviewLimits } from "../preview/limits.ts";

/**
 * What parts of the plane tell of each event. Labels take few values, all of them ours: no org, project,
 * preview, host, path or status text.
 */
export interface Instruments {
  readonly registry: Registry;
  /** `outcome`: `ok`, or the code of an error. */
  readonly call: (door: "mcp" | "v1", call: { readonly tool: string; readonly outcome: string }) => void;
  readonly phase: (phase: PhaseName, durationMs: number) => void;
  readonly previewLimit: (limit: keyof PreviewLimits) => void;
  readonly query: (query: { readonly durationMs: number; readonly ok: boolean }) => void;
  readonly dial: (durationMs: number) => void;
  readonly handled: (durationMs: number) => void;
}

export function createInstruments(): Instruments {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const calls = new Counter({
    name: "dev_preview_tool_calls_total",
    help: "Calls, by tool, by the door they came through, and by outcome (ok, or the code of the error)",
    labelNames: ["tool", "door", "outcome"],
    registers,
  });
  const phases = histogram(registry, {
    name: "dev_preview_start_phase_seconds",
    help: "Phases of starts, as far as they went",
    labelNames: ["phase"],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  });
  const limits = new Counter({
    name: "dev_preview_start_limits_total",
    help: "Starts refused by a limit",
    labelNames: ["limit"],
    registers,
  });
  const queries = histogram(registry, {
    name: "dev_preview_database_query_seconds",
    help: "Statements, waiting for a connection included",
    labelNames: ["outcome"],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10],
  });
  const dials = histogram(registry, {
    name: "dev_preview_gateway_dial_seconds",
    help: "Opening a connection to a dev server, with the proof that it is the right one",
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10],
  });
  const handled = histogram(registry, {
    name: "dev_preview_gateway_added_seconds",
    help: "From a request's arrival until it was on its way, one in 32, without the opening of a connection",
    buckets: [0.00002, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025],
  });
  return {
    registry,
    call: (door, { tool, outcome }) => calls.inc({ tool, door, outcome }),
    phase: (phase, durationMs) => phases.observe({ phase }, durationMs / 1000),
    previewLimit: (limit) => limits.inc({ limit }),
    query: ({ durationMs, ok }) => queries.observe({ outcome: ok ? "ok" : "error" }, durationMs / 1000),
    dial: (durationMs) => dials.observe({}, durationMs / 1000),
    handled: (durationMs) => handled.observe({}, durationMs / 1000),
  };
}

function histogram<Label extends string>(
  registry: Registry,
  shape: { name: string; help: string; labelNames?: readonly Label[]; buckets: number[] },
): Histogram<Label> {
  return new Histogram({ ...shape, labelNames: shape.labelNames ?? [], registers: [registry] });
}
