import { PreviewError } from "../../../src/errors.ts";
import type { RequestContext } from "../../../src/identity/context.ts";
import { phases } from "../../../src/preview/contract.ts";
import type { ListOutput, PreviewOutput } from "../../../src/preview/contract.ts";
import type { CallOptions, PreviewUseCases } from "../../../src/preview/use-cases.ts";

/** Stands in an unexpected error of the fake; no caller may ever see it. */
export const plantedSecret = "postgres://plane:hunter2-planted@db.internal/plane";

export interface FakeUseCases extends PreviewUseCases {
  /** What happened, in order: `start web by ada in shop`, `start slow cancelled`, … */
  readonly events: readonly string[];
  /** Resolves when the event has happened. */
  happened(event: string): Promise<void>;
}

/**
 * The use-cases in memory. The preview's name picks the behaviour: `slow` waits until it is
 * cancelled, `held` until it is stopped, `taken` is refused, `broken` fails unexpectedly, `chatty` prints a lot, `extra`
 * answers with fields that no schema names; the log of `events` is what happened so far.
 */
export function createFakeUseCases(): FakeUseCases {
  const events: string[] = [];
  const waiting = new Set<{ event: string; resolve: () => void }>();
  const note = (event: string) => {
    events.push(event);
    for (const waiter of waiting) if (waiter.event === event) waiter.resolve();
  };
  const started = new Map<string, PreviewOutput>();
  let release: (() => void) | undefined;

  return {
    events,
    happened: (event) =>
      events.includes(event)
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.add({ event, resolve });
          }),
    async start(context, input, options = {}) {
      note(`start ${input.name} by ${context.principal.user} in ${context.projectSlug}`);
      for (const name of phases) options.onPhase?.({ name, message: `phase ${name}` });
      if (input.name === "held") await new Promise<void>((resolve) => (release = resolve));
      await behave(input.name, options, note);
      const preview = previewNamed(input.name, context);
      started.set(input.name, preview);
      return preview;
    },
    async url(context, input, options = {}) {
      options.onPhase?.({ name: "answer", message: "waiting for an answer" });
      await behave(input.name ?? "web", options, note);
      return previewNamed(input.name ?? "web", context);
    },
    async stop(_context, input) {
      if (input.name === "held") release?.();
      const stopped = [...started.values()].filter(({ name }) => input.all === true || name === input.name);
      for (const { name } of stopped) started.delete(name);
      return {
        stopped: stopped.map(({ name, previewId }) => ({ name, previewId, status: "stopped" as const })),
        next: "Nothing else to do.",
      };
    },
    list: (context) => Promise.resolve(listOf([...started.values()], context)),
    logs(_context, input) {
      const lines = input.name === "events" ? events : chatter;
      const from = input.cursor === undefined ? Math.max(0, lines.length - input.limit) : Number(input.cursor);
      const page = lines.slice(from, from + input.limit);
      const end = from + page.length;
      return Promise.resolve({
        lines: page,
        cursor: String(end),
        more: end < lines.length,
        dropped: false,
        status: "ready",
      });
    },
    get: (context, name) => Promise.resolve(previewNamed(name, context)),
    putProject: unused,
    getProject: unused,
    listProjects: unused,
    removeProject: unused,
  };
}

/** Output of a dev server, with bytes that JSON must escape. */
export const chatter = Array.from({ length: 400 }, (_, index) => `line ${index} "${"é".repeat(60)}"`);

function unused(): never {
  throw new Error("the tools have no business with projects");
}

async function behave(name: string, options: CallOptions, note: (event: string) => void): Promise<void> {
  if (name === "broken") throw new Error(`connect to ${plantedSecret} failed`);
  if (name === "taken") throw new PreviewError("already_running", "preview taken runs", { hint: "Pass ifRunning." });
  if (name !== "slow") return;
  note("slow waits");
  await new Promise<void>((resolve) => {
    options.signal?.addEventListener("abort", () => resolve(), { once: true });
  });
  note("slow cancelled");
  throw new PreviewError("cancelled", "the wait was cancelled", { hint: "Call again." });
}

function previewNamed(name: string, context: RequestContext): PreviewOutput {
  const preview: PreviewOutput = {
    serving: name !== "chatty",
    previewUrl: `http://3000-token.localhost:4781/`,
    token: "token",
    port: 3000,
    command: name === "chatty" ? `node ${"x".repeat(3900)}` : "npm run dev",
    repoDir: "/work/shop",
    previewId: `preview-${name}`,
    project: context.projectSlug ?? "none",
    name,
    status: name === "chatty" ? "starting" : "ready",
    signed: true,
    expiresAt: "2026-11-02T00:00:00.000Z",
    reused: false,
    readyMs: 12,
    httpStatus: 200,
    problems: [],
    logTail: name === "chatty" ? chatter : ["listening on 3000"],
    logCursor: "1",
    next: "Open previewUrl.",
  };
  return name === "extra" ? Object.assign(preview, { pid: 4711, hostPath: "/var/lib/plane" }) : preview;
}

function listOf(previews: readonly PreviewOutput[], context: RequestContext): ListOutput {
  const row = { ...previewNamed("row", context), problems: [] };
  const rows = previews.some(({ name }) => name === "many") ? Array.from({ length: 200 }, () => row) : previews;
  return { previews: rows.map((preview) => ({ ...preview, problems: [] })), next: "Pick one." };
}
