import type { RequestContext } from "../identity/context.ts";
import type {
  ListInput,
  ListOutput,
  LogsInput,
  LogsOutput,
  Phase,
  PreviewOutput,
  ProjectInput,
  ProjectOutput,
  StartInput,
  StopInput,
  StopOutput,
  UrlInput,
} from "./contract.ts";

export interface CallOptions {
  /** Cancels the wait, never the preview. */
  readonly signal?: AbortSignal;
  readonly onPhase?: (phase: Phase) => void;
}

/**
 * Everything a caller can do, whichever door it came through. The tools, the API, the client and
 * the stdio front all speak this interface. Inputs are parsed by the schemas of `contract.ts`.
 */
export interface PreviewUseCases {
  start(context: RequestContext, input: StartInput, options?: CallOptions): Promise<PreviewOutput>;
  url(context: RequestContext, input: UrlInput, options?: CallOptions): Promise<PreviewOutput>;
  stop(context: RequestContext, input: StopInput, options?: CallOptions): Promise<StopOutput>;
  list(context: RequestContext, input: ListInput, options?: CallOptions): Promise<ListOutput>;
  logs(context: RequestContext, input: LogsInput, options?: CallOptions): Promise<LogsOutput>;
  get(context: RequestContext, name: string): Promise<PreviewOutput>;
  putProject(context: RequestContext, slug: string, input: ProjectInput): Promise<ProjectOutput>;
  getProject(context: RequestContext, slug: string): Promise<ProjectOutput>;
  listProjects(context: RequestContext): Promise<ProjectOutput[]>;
  removeProject(context: RequestContext, slug: string): Promise<ProjectOutput>;
}
