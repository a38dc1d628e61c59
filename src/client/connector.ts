import { createClient } from "./client.ts";
import type { Client } from "./client.ts";
import { ensurePlane } from "./ensure-plane.ts";
import { planeToken } from "./plane-token.ts";
import { currentDirectory, findWorkingTree, workingTreeAt } from "./working-tree.ts";
import type { WorkingTree } from "./working-tree.ts";
import type { ClientConfig } from "../settings.ts";
import { PreviewError } from "../errors.ts";
import { stateDir } from "../state-dir.ts";
import { shareFlight } from "./share-flight.ts";

/** What belongs to one call. */
export interface ConnectOptions {
  readonly signal?: AbortSignal;
  /** Told when a plane has to start first. */
  readonly onWait?: (message: string) => void;
  readonly requestId?: string;
  readonly sessionId?: string;
}

export interface Connector {
  /** A client of the plane, started when none runs; bound to no project. */
  toPlane(options?: ConnectOptions): Promise<Client>;
  /** The same, bound to the project that the configuration names, registered when it is a directory. */
  toProject(options?: ConnectOptions): Promise<Client>;
}

export interface ConnectorHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Arguments of Node that run `dev-preview serve`. */
  readonly serveArgs: readonly string[];
}

/** Connects anew for every call, so that a plane that died meanwhile is found or started again. */
export function createConnector(config: ClientConfig, host: ConnectorHost): Connector {
  const state = stateDir(config.stateDir);
  const ensure = shareFlight((onWait?: (message: string) => void) =>
    ensurePlane({
      stateDir: state,
      serve: { args: host.serveArgs, env: planeEnv(host.env, state.root) },
      ...(onWait === undefined ? {} : { onWait }),
    }),
  );
  const address = async ({ signal, onWait }: ConnectOptions): Promise<{ url: string; token?: string }> => {
    const url = config.url ?? (await ensure(signal, onWait)).controlUrl;
    // Read after the plane is there: it is the plane that makes the token.
    const token = planeToken(config);
    return token === undefined ? { url } : { url, token };
  };
  const toPlane = async (options: ConnectOptions = {}) =>
    createClient({ ...(await address(options)), ...idsOf(options) });
  const toProject = async (options: ConnectOptions = {}) => {
    // Judged first: a call that can only be refused starts no plane.
    const target = targetOf(config);
    const settings = { ...(await address(options)), ...idsOf(options) };
    if ("project" in target) return createClient({ ...settings, project: target.project });
    await createClient(settings).projects.put(target.slug, { workspaceRoot: target.root }, signalOf(options));
    return createClient({ ...settings, project: target.slug });
  };
  return { toPlane, toProject };
}

/** A directory means nothing to a plane elsewhere unless the caller says that it does. */
function targetOf(config: ClientConfig): { project: string } | WorkingTree {
  if (config.project !== undefined) return { project: config.project };
  if (config.root !== undefined) return workingTreeAt(config.root);
  if (config.url === undefined) return findWorkingTree(currentDirectory());
  throw new PreviewError("project_required", `the plane at ${config.url} needs to know the project`, {
    hint: "Pass --project <slug> (DEV_PREVIEW_PROJECT), or --root <directory on the plane's host>.",
  });
}

/** The plane serves every project: what names one of them is not its business. */
function planeEnv(env: ConnectorHost["env"], root: string): Record<string, string | undefined> {
  const { DEV_PREVIEW_ROOT: _, DEV_PREVIEW_PROJECT: __, DEV_PREVIEW_URL: ___, ...rest } = env;
  return { ...rest, DEV_PREVIEW_STATE_DIR: root };
}

function idsOf({ requestId, sessionId }: ConnectOptions): { requestId?: string; sessionId?: string } {
  return { ...(requestId === undefined ? {} : { requestId }), ...(sessionId === undefined ? {} : { sessionId }) };
}

function signalOf({ signal }: ConnectOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
