import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { LaunchLimits, Sandbox } from "../sandbox/driver.ts";
import type { EventLog } from "./events/event-log.ts";
import type { PhaseName } from "./contract.ts";
import type { PreviewLimits } from "./limits.ts";
import type { SettingsByOrg } from "./org-settings.ts";
import type { RouteArrivals } from "./route-arrivals.ts";
import type { Database } from "./store.ts";
import type { SleepBounds } from "./sleep/idle-store.ts";
import type { Uses } from "./sleep/uses.ts";
import type { Visits } from "./sleep/visits.ts";
import type { SigningKeys } from "./links/token.ts";

/** What the use-cases are built from. */
export interface PreviewDeps {
  readonly db: Database;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keys: SigningKeys;
  readonly ids: Ids;
  readonly planeId: string;
  /** This plane's own process, so that others can tell whether it lives. */
  readonly self: { readonly pid: number; readonly startTime: string };
  readonly gateway: GatewayAddress;
  /** So that a link works the moment its caller has it. */
  readonly arrivals: Pick<RouteArrivals, "expect" | "untilDropped">;
  /** For what is no change of the database: changes are recorded with it. */
  readonly events: Pick<EventLog, "record">;
  /** Visits to sleeping previews, which wake them. */
  readonly visits: Pick<Visits, "listen">;
  /** Those that this plane's gateway collects. */
  readonly uses: Uses;
  readonly settings: PreviewSettings;
  /** Told of each phase of a start when it ended. */
  readonly onPhaseEnd?: (phase: PhaseName, durationMs: number) => void;
}

/** Fresh random ids. */
export interface Ids {
  launch(): string;
  /** 64 bits as 16 lower-case hex digits. */
  link(): string;
}

/** Where the gateway is, for viewers and for our own readiness probe. */
export interface GatewayAddress {
  /** Domain under which hosts are printed. */
  readonly domain: string;
  /** `http://host:port` style prefix of a preview host, e.g. `("http", 4781)`; the port is absent when it is the scheme's own. */
  readonly publicScheme: "http" | "https";
  readonly publicPort: number;
  /** The listener itself, on this host. */
  readonly listenHost: string;
  readonly listenPort: number;
  /** It speaks TLS there. */
  readonly listenTls?: boolean;
}

export interface PreviewSettings {
  readonly defaultCommand: string;
  readonly install: "auto" | "never";
  readonly startTimeoutMs: number;
  readonly installTimeoutMs: number;
  readonly stopGraceMs: number;
  readonly linkTtlMs: number;
  /** There is a login, so that links may be behind it. */
  readonly gatedLinks: boolean;
  /** Ports of the plane itself, and of its database where that runs on this host: never shown as a preview. */
  readonly ownPorts: readonly number[];
  /** The plane's own directories: no project may live there. */
  readonly stateDir: string;
  readonly limits: PreviewLimits;
  readonly orgs: SettingsByOrg;
  readonly idle: SleepBounds & {
    /** The least that a start may ask for as its time of idleness. */
    readonly keepaliveMinMs: number;
    /** How often the reaper looks. */
    readonly sweepMs: number;
    /** How long previews that ended, and their logs, are kept. */
    readonly keepEndedMs: number;
  };
  /** Whose launches are confined: of every org but the plane's own, of all, or of none. */
  readonly isolation: "orgs" | "all" | "none";
  /** What each launch of another org than the plane's own may take of the host. */
  readonly launchLimits: LaunchLimits;
  /** Folder of an org's workspaces, `{org}` filled in; absent: only the operator registers projects. */
  readonly orgWorkspaces?: string;
}
