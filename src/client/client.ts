import type * as z from "zod";
import { apiKeyList, apiKeyOutput, mintedKeyOutput } from "../api/api-key-schemas.ts";
import type { ApiKeyOutput, ApiKeyRequest, keyRotation, keyTarget, MintedKeyOutput } from "../api/api-key-schemas.ts";
import { ndjson } from "../api/phase-stream.ts";
import { projectList } from "../api/project-list.ts";
import { endedSessions, sessionList } from "../api/session-schemas.ts";
import type { EndedSessions, SessionOutput, sessionTarget } from "../api/session-schemas.ts";
import { listOutput, logsOutput, previewOutput, projectOutput, stopOutput } from "../preview/contract.ts";
import type {
  listInput,
  ListOutput,
  logsInput,
  LogsOutput,
  PreviewOutput,
  ProjectInput,
  ProjectOutput,
  startInput,
  stopInput,
  StopOutput,
  urlInput,
} from "../preview/contract.ts";
import type { AccessPage, EventOutput, EventPage, eventQuery, recordQuery } from "../preview/events/event-contract.ts";
import { checkOutput, screenshotOutput } from "../preview/inspection.ts";
import type { checkInput, CheckOutput, screenshotInput, ScreenshotOutput } from "../preview/inspection.ts";
import { linkList, linkOutput, revokedLinks } from "../preview/links/link-contract.ts";
import type { LinkOutput, LinkRotation, LinkTarget, RevokedLinks } from "../preview/links/link-contract.ts";
import type { CallOptions } from "../preview/use-cases.ts";
import { eventCalls } from "./event-calls.ts";
import { readPhaseStream } from "./read-phase-stream.ts";
import { send, sendForJson } from "./send.ts";
import type { PlaneAddress, PlaneCall } from "./send.ts";

// This module is the package's entry point: what a caller needs to name is exported from here.
export { PreviewError } from "../errors.ts";
export type { ErrorCode } from "../errors.ts";
export type { ApiKeyOutput, ApiKeyRequest, MintedKeyOutput };
export type { CallOptions, ListOutput, LogsOutput, PreviewOutput, ProjectInput, ProjectOutput, StopOutput };
export type { CheckOutput, ScreenshotOutput };
export type { AccessPage, EventOutput, EventPage };
export type { EndedSessions, LinkOutput, RevokedLinks, SessionOutput };
export type { Phase } from "../preview/contract.ts";

export interface ClientSettings {
  /** Of the control listener, e.g. `http://127.0.0.1:4780`. */
  readonly url: string;
  /** Bearer token; a plane without authentication needs none. */
  readonly token?: string;
  /** Slug of the project that calls are about. */
  readonly project?: string;
  readonly sessionId?: string;
  /** Sent with every call, so that both sides log the same id. */
  readonly requestId?: string;
  readonly fetch?: typeof globalThis.fetch;
}

type StartRequest = z.input<typeof startInput>;
type UrlRequest = z.input<typeof urlInput>;
type KeyTarget = z.input<typeof keyTarget>;
type WaitOptions = Pick<CallOptions, "signal">;

/**
 * Typed calls of /v1. Every method throws `PreviewError`: the plane's own code and hint,
 * `plane_unreachable` without a plane, `cancelled` when its signal fired.
 */
export interface Client {
  /** Starts, or reuses, a dev server; `onPhase` is told what happens meanwhile. */
  start(input?: StartRequest, options?: CallOptions): Promise<PreviewOutput>;
  /** The URL of a preview, by name or port. */
  url(input?: UrlRequest, options?: CallOptions): Promise<PreviewOutput>;
  stop(input?: z.input<typeof stopInput>, options?: WaitOptions): Promise<StopOutput>;
  list(input?: z.input<typeof listInput>, options?: WaitOptions): Promise<ListOutput>;
  get(name?: string, options?: WaitOptions): Promise<PreviewOutput>;
  logs(input?: z.input<typeof logsInput>, options?: WaitOptions): Promise<LogsOutput>;
  /** What a browser of the plane's host sees on a page. */
  check(input?: z.input<typeof checkInput>, options?: WaitOptions): Promise<CheckOutput>;
  /** The same page as an image. */
  screenshot(input?: z.input<typeof screenshotInput>, options?: WaitOptions): Promise<ScreenshotOutput>;
  /** The project's live links; `url` mints them. */
  readonly links: {
    /** Of one preview, or without a name of all. */
    list(target?: LinkTarget, options?: WaitOptions): Promise<LinkOutput[]>;
    /** What is open through it is cut within a second. */
    revoke(id: string, options?: WaitOptions): Promise<RevokedLinks>;
    revokeAll(target?: LinkTarget, options?: WaitOptions): Promise<RevokedLinks>;
    /** Another one of its kind and label in its place. */
    rotate(id: string, rotation?: LinkRotation, options?: WaitOptions): Promise<LinkOutput>;
  };
  readonly projects: {
    /** Registers a project; repeating it is fine. */
    put(slug: string, input: ProjectInput, options?: WaitOptions): Promise<ProjectOutput>;
    get(slug: string, options?: WaitOptions): Promise<ProjectOutput>;
    list(options?: WaitOptions): Promise<ProjectOutput[]>;
    remove(slug: string, options?: WaitOptions): Promise<ProjectOutput>;
  };
  /** What happened in the caller's org, or in the client's project where it is bound to one. */
  readonly events: {
    /** Oldest first; without `after` the last ones. */
    list(query?: z.input<typeof eventQuery>, options?: WaitOptions): Promise<EventPage>;
    /** Who was let through by links. */
    accesses(query?: z.input<typeof recordQuery>, options?: WaitOptions): Promise<AccessPage>;
    /**
     * Each event as it happens, from `after` or now on, until the signal fires. A connection that breaks is made again
     * and continues where it ended; what the plane refuses is thrown.
     */
    follow(query?: z.input<typeof eventQuery>, options?: WaitOptions): AsyncGenerator<EventOutput, void>;
  };
  /** API keys of the caller's org; `org` names another one, for the plane's own token. */
  readonly keys: {
    /** The answer alone carries the key's text. */
    create(input: ApiKeyRequest, options?: WaitOptions): Promise<MintedKeyOutput>;
    list(target?: KeyTarget, options?: WaitOptions): Promise<ApiKeyOutput[]>;
    /** A new secret; the one before stays good for `graceSeconds`. */
    rotate(id: string, rotation?: z.input<typeof keyRotation>, options?: WaitOptions): Promise<MintedKeyOutput>;
    revoke(id: string, target?: KeyTarget, options?: WaitOptions): Promise<ApiKeyOutput>;
  };
  /** Who is logged in for gated links, for administrators of the org. */
  readonly sessions: {
    list(target?: z.input<typeof sessionTarget>, options?: WaitOptions): Promise<SessionOutput[]>;
    /** Logs one user out, or without one everybody of the org, within a second. */
    end(target?: z.input<typeof sessionTarget>, options?: WaitOptions): Promise<EndedSessions>;
  };
}

export function createClient(settings: ClientSettings): Client {
  const plane = addressOf(settings);
  const stream = async (path: string, body: StartRequest | UrlRequest, options: CallOptions) => {
    const { signal } = options;
    return readPhaseStream(plane, await send(plane, { method: "POST", path, body, accept: ndjson, signal }), options);
  };
  const json = <Output>(schema: z.ZodType<Output>, call: PlaneCall) => sendForJson(plane, schema, call);
  return {
    start: (input = {}, options = {}) => stream("/v1/previews", input, options),
    url: (body = {}, options = {}) =>
      options.onPhase === undefined
        ? json(previewOutput, { method: "POST", path: "/v1/links", body, signal: options.signal })
        : stream("/v1/links", body, options),
    stop: (body = {}, { signal } = {}) => json(stopOutput, { method: "POST", path: "/v1/stops", body, signal }),
    list: (query = {}, { signal } = {}) => json(listOutput, { method: "GET", path: "/v1/previews", query, signal }),
    get: (name = "web", { signal } = {}) =>
      json(previewOutput, { method: "GET", path: `/v1/previews/${encodeURIComponent(name)}`, signal }),
    logs: ({ name = "web", ...query } = {}, { signal } = {}) =>
      json(logsOutput, { method: "GET", path: `/v1/previews/${encodeURIComponent(name)}/logs`, query, signal }),
    check: (body = {}, { signal } = {}) => json(checkOutput, { method: "POST", path: "/v1/checks", body, signal }),
    screenshot: (body = {}, { signal } = {}) =>
      json(screenshotOutput, { method: "POST", path: "/v1/screenshots", body, signal }),
    links: linkCalls(json),
    projects: projectCalls(json),
    keys: keyCalls(json),
    events: eventCalls(plane),
    sessions: {
      list: async (query = {}, { signal } = {}) =>
        (await json(sessionList, { method: "GET", path: "/v1/sessions", query, signal })).sessions,
      end: (query = {}, { signal } = {}) =>
        json(endedSessions, { method: "DELETE", path: "/v1/sessions", query, signal }),
    },
  };
}

type SendForJson = <Output>(schema: z.ZodType<Output>, call: PlaneCall) => Promise<Output>;

function keyCalls(json: SendForJson): Client["keys"] {
  const path = (id: string) => `/v1/keys/${encodeURIComponent(id)}`;
  return {
    create: (body, { signal } = {}) => json(mintedKeyOutput, { method: "POST", path: "/v1/keys", body, signal }),
    list: async (query = {}, { signal } = {}) =>
      (await json(apiKeyList, { method: "GET", path: "/v1/keys", query, signal })).keys,
    rotate: (id, body = {}, { signal } = {}) =>
      json(mintedKeyOutput, { method: "POST", path: `${path(id)}/rotations`, body, signal }),
    revoke: (id, query = {}, { signal } = {}) =>
      json(apiKeyOutput, { method: "DELETE", path: path(id), query, signal }),
  };
}

function linkCalls(json: SendForJson): Client["links"] {
  const path = (id: string) => `/v1/links/${encodeURIComponent(id)}`;
  return {
    list: async (query = {}, { signal } = {}) =>
      (await json(linkList, { method: "GET", path: "/v1/links", query, signal })).links,
    revoke: (id, { signal } = {}) => json(revokedLinks, { method: "DELETE", path: path(id), signal }),
    revokeAll: (query = {}, { signal } = {}) =>
      json(revokedLinks, { method: "DELETE", path: "/v1/links", query, signal }),
    rotate: (id, body = {}, { signal } = {}) =>
      json(linkOutput, { method: "POST", path: `${path(id)}/rotations`, body, signal }),
  };
}

function projectCalls(json: SendForJson): Client["projects"] {
  const path = (slug: string) => `/v1/projects/${encodeURIComponent(slug)}`;
  return {
    put: (slug, body, { signal } = {}) => json(projectOutput, { method: "PUT", path: path(slug), body, signal }),
    get: (slug, { signal } = {}) => json(projectOutput, { method: "GET", path: path(slug), signal }),
    list: async ({ signal } = {}) =>
      (await json(projectList, { method: "GET", path: "/v1/projects", signal })).projects,
    remove: (slug, { signal } = {}) => json(projectOutput, { method: "DELETE", path: path(slug), signal }),
  };
}

function addressOf(settings: ClientSettings): PlaneAddress {
  const named = {
    authorization: settings.token === undefined ? undefined : `Bearer ${settings.token}`,
    "x-project-slug": settings.project,
    "x-session-id": settings.sessionId,
    "x-request-id": settings.requestId,
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(named)) if (value !== undefined) headers[name] = value;
  // Looked up per call: the global fetch may be replaced after the client was made.
  return { url: settings.url, headers, fetch: settings.fetch ?? ((input, init) => globalThis.fetch(input, init)) };
}
