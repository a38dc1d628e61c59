import { PreviewError } from "../../../src/errors.ts";
import type { RequestContext } from "../../../src/identity/context.ts";
import type { LogsOutput, Phase, PreviewOutput, ProjectOutput } from "../../../src/preview/contract.ts";
import type { CallOptions, PreviewUseCases } from "../../../src/preview/use-cases.ts";

export interface RecordedCall {
  readonly method: keyof PreviewUseCases;
  readonly context: RequestContext;
  readonly input: unknown;
}

/** Use-cases in memory that record their calls; `startWith` replaces what start and url do. */
export function createFakeUseCases() {
  const calls: RecordedCall[] = [];
  const previews = new Map<string, PreviewOutput>();
  const projects = new Map<string, ProjectOutput>();
  let starting: ((options: CallOptions) => Promise<void>) | undefined;
  let difference: Partial<PreviewOutput> = {};
  let without: readonly (keyof PreviewOutput)[] = [];
  let pages: Partial<LogsOutput>[] = [];

  const record = (method: keyof PreviewUseCases, context: RequestContext, input: unknown) =>
    calls.push({ method, context, input });
  const projectOf = (context: RequestContext): string => {
    if (context.projectSlug !== undefined) return context.projectSlug;
    throw new PreviewError("project_required", "the call names no project", { hint: "Send X-Project-Slug." });
  };
  const previewOf = (context: RequestContext, name: string): PreviewOutput => {
    const found = previews.get(`${projectOf(context)}/${name}`);
    if (found !== undefined) return found;
    throw new PreviewError("preview_not_found", `there is no preview named ${name}`, { hint: "Start it." });
  };
  const serve = async (context: RequestContext, name: string, options: CallOptions = {}): Promise<PreviewOutput> => {
    await starting?.(options);
    for (const phase of fakePhases) options.onPhase?.(phase);
    const preview = { ...fakePreview(projectOf(context), name), ...difference };
    for (const field of without) delete preview[field];
    previews.set(`${preview.project}/${name}`, preview);
    return preview;
  };

  const useCases: PreviewUseCases = {
    start: (context, input, options) => {
      record("start", context, input);
      return serve(context, input.name, options);
    },
    url: (context, input, options) => {
      record("url", context, input);
      return serve(context, input.name ?? "web", options);
    },
    stop: async (context, input) => {
      record("stop", context, input);
      const preview = previewOf(context, input.name ?? "web");
      previews.set(`${preview.project}/${preview.name}`, { ...preview, status: "stopped", serving: false });
      const { name, previewId } = preview;
      // of what it did not start, as a plane names it
      const left = name.startsWith("port-") && input.kill !== true ? { leftRunning: true } : {};
      return {
        stopped: [{ name, previewId, port: 5173, status: "stopped", ...left }],
        next: "Start it again when needed.",
      };
    },
    list: async (context, input) => {
      record("list", context, input);
      const own = [...previews.values()].filter(({ project }) => project === projectOf(context));
      return { previews: own.map((preview) => ({ ...preview, problems: [] })), next: "Start one." };
    },
    logs: async (context, input) => {
      record("logs", context, input);
      const { status } = previewOf(context, input.name);
      return { lines: ["ready"], cursor: "1", more: false, dropped: false, status, ...pages.shift() };
    },
    get: async (context, name) => {
      record("get", context, name);
      return previewOf(context, name);
    },
    putProject: async (context, slug, input) => {
      record("putProject", context, { slug, ...input });
      const project = fakeProject(slug, input.workspaceRoot, context.principal.org);
      projects.set(slug, project);
      return project;
    },
    getProject: async (context, slug) => {
      record("getProject", context, slug);
      return projects.get(slug) ?? missingProject(slug);
    },
    listProjects: async (context) => {
      record("listProjects", context, undefined);
      return [...projects.values()];
    },
    removeProject: async (context, slug) => {
      record("removeProject", context, slug);
      const project = projects.get(slug) ?? missingProject(slug);
      projects.delete(slug);
      return project;
    },
  };
  return {
    useCases,
    calls,
    /** What start and url do before they answer: wait, throw, tell phases. */
    startWith: (behaviour: (options: CallOptions) => Promise<void>) => {
      starting = behaviour;
    },
    /** How the previews that start and url answer with differ from the usual one. */
    answerWith: (changed: Partial<PreviewOutput>, absent: readonly (keyof PreviewOutput)[] = []) => {
      difference = changed;
      without = absent;
    },
    /** Pages of the log, in order; afterwards the usual one. */
    logsWith: (changed: Partial<LogsOutput>[]) => {
      pages = changed;
    },
  };
}

export const fakePhases: readonly Phase[] = [
  { name: "resolve", message: "found vite" },
  { name: "launch", message: "started" },
  { name: "answer", message: "answers" },
];

export function fakePreview(project: string, name: string): PreviewOutput {
  return {
    serving: true,
    previewUrl: "http://5173-abc.localhost:4781/",
    token: "abc",
    port: 5173,
    command: "npm run dev",
    repoDir: "/workspace",
    previewId: "p1",
    project,
    name,
    status: "ready",
    signed: true,
    reused: false,
    readyMs: 12,
    httpStatus: 200,
    problems: [],
    logTail: ["ready"],
    logCursor: "1",
    next: "Open previewUrl.",
  };
}

function fakeProject(slug: string, workspaceRoot: string, org: string): ProjectOutput {
  return { slug, org, sandboxDriver: "local", workspaceRoot, createdAt: "2026-01-01T00:00:00.000Z" };
}

function missingProject(slug: string): never {
  throw new PreviewError("project_not_found", `there is no project ${slug}`, { hint: "Register it." });
}
