import type { Listener, ProcessIdentity } from "../sandbox/driver.ts";
import type { Problem } from "./problem.ts";

/** `starting -> ready | unhealthy | crashed | stopped`; see docs/architecture.md for every transition. */
export const previewStates = ["starting", "ready", "unhealthy", "idle", "crashed", "stopped"] as const;
export type PreviewState = (typeof previewStates)[number];

/** States in which a preview owns its (project, name) and may own a process. */
export const liveStates = ["starting", "ready", "unhealthy", "idle"] as const satisfies readonly PreviewState[];

export function isLive({ state }: Pick<PreviewRecord, "state">): boolean {
  return liveStates.some((live) => live === state);
}

/** How the gateway presents a request to the dev server; see docs/architecture.md. */
export type HostMode = "local" | "public";

export interface ProjectRecord {
  readonly id: string;
  readonly org: string;
  /** DNS label, unique within the plane. */
  readonly slug: string;
  readonly sandboxDriver: "local";
  /** Absolute real path of the workspace. */
  readonly workspaceRoot: string;
  /** The project's active dev preview: recorded by start, cleared by stop. */
  readonly active?: ActivePreview;
  readonly createdAt: Date;
}

export interface ActivePreview {
  readonly port: number;
  readonly sandboxId: string;
  readonly signed: boolean;
  readonly updatedAt: Date;
}

export interface PreviewRecord {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly state: PreviewState;
  /** One id per process launch; links and pooled connections are bound to it. */
  readonly launchId: string;
  readonly sandboxId: string;
  /** The plane that runs the launch; another one takes over when it is gone. */
  readonly planeId: string;
  readonly command: string;
  /** Absolute path of the directory that the command runs in. */
  readonly repoDir: string;
  readonly framework?: string;
  readonly readyPath: string;
  readonly signed: boolean;
  /** What the app is told of its own host; the recipe decides. */
  readonly hostMode: HostMode;
  /** HTML documents get the script that sends sockets through the gateway. */
  readonly socketScript: boolean;
  /** Somebody else started the dev server: it is shown, but not ended without being asked. */
  readonly attached: boolean;
  /** Names and values that the caller added to the environment; values are secrets. */
  readonly env: Readonly<Record<string, string>>;
  readonly requestedPort: number;
  /** The port really bound; absent until the server listens. */
  readonly port?: number;
  readonly process?: ProcessIdentity;
  readonly listener?: Listener;
  readonly problems: readonly Problem[];
  readonly exitCode?: number;
  readonly httpStatus?: number;
  readonly readyMs?: number;
  /** `readyPath` answered with an HTML document: it is a front end. */
  readonly servesHtml?: boolean;
  /** Origins that may show it in a frame; empty: as the app itself says. */
  readonly embedOrigins: readonly string[];
  /** Users that pass the login of its gated links besides the members of its org. */
  readonly guests: readonly string[];
  /** Without a visit for so long it sleeps; absent: what its org has. */
  readonly keepaliveMs?: number;
  /** What its start asked for, so that it can be woken; absent for attached servers. */
  readonly asked?: AskedLaunch;
  /** Who started it, and in which client session. */
  readonly userName?: string;
  readonly sessionId?: string;
  /** The present launch was begun because somebody visited. */
  readonly wokenAt?: Date;
  /** A plane that does not reach the sandbox had a visitor. */
  readonly wakeRequestedAt?: Date;
  readonly stopRequestedAt?: Date;
  readonly expiresAt?: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lastRequestAt?: Date;
}

/** The part of a start that decides what is launched; its `env` is the record's own. */
export interface AskedLaunch {
  readonly command?: string;
  readonly port?: number;
  readonly repoDir?: string;
  readonly readyPath?: string;
}

export interface LinkRecord {
  /** 64-bit id in lower-case hex, as inside the token. */
  readonly id: string;
  readonly previewId: string;
  readonly launchId: string;
  readonly port: number;
  readonly keyId: number;
  readonly expiresAt: Date;
  readonly revokedAt?: Date;
  /** SHA-256 of the token, hex. The token itself is never stored. */
  readonly tokenHash: string;
  /** Behind the login: the token does not make a host name. */
  readonly gated: boolean;
  /** Whom or what a further link is for; absent: the preview's own. */
  readonly label?: string;
  readonly createdAt: Date;
}
