import type { DrainOptions } from "../gateway/drain.ts";
import type { GatewayOptions, TrafficReading } from "../gateway/gateway.ts";
import type { CertificatePair } from "../gateway/tls/certificates.ts";
import type { PreviewRequest } from "../gateway/traffic/request-tally.ts";
import type { LimitCounts } from "../gateway/traffic/open-counts.ts";
import type { RefusedByLimit } from "../gateway/traffic/traffic-counts.ts";
import type { ErrorCode } from "../errors.ts";
import type { LogLevel } from "../logger.ts";
import type { DoorAnswer, DoorRequest } from "../login/contract.ts";
import type { NewAccess } from "../preview/events/event-store.ts";
import type { LiveSession, Route, RouteChange, SessionChange } from "../preview/route.ts";
import type { Visit } from "../preview/sleep/visits.ts";
import type { CallMessage } from "./calls.ts";

/** What a worker is told first. It holds the signing keys: it goes over the channel, never by arguments or environment. */
export interface WorkerSetup extends Pick<
  GatewayOptions,
  | "keys"
  | "domain"
  | "publicScheme"
  | "publicPort"
  | "host"
  | "port"
  | "handedOver"
  | "reusePort"
  | "requestsEveryMs"
  | "limits"
  | "trustedProxies"
> {
  readonly accessLevel: NonNullable<GatewayOptions["accessLevel"]>;
  readonly logLevel: LogLevel;
  /** Launches of this sandbox are dialled, by what belongs to them and not to this plane. */
  readonly sandboxId: string;
  readonly planePid: number;
  /** The first thing that follows is a snapshot: nobody is let in before it is there. */
  readonly routesFollow: boolean;
  /** Absent: there is no login. */
  readonly authHost?: string;
  /** Absent: plain HTTP. */
  readonly tls?: { readonly pair: CertificatePair; readonly perHost: boolean };
  /** Durations are asked for. */
  readonly measured: boolean;
}

/** Routes and sessions, as the plane's feed tells them. Sessions of a snapshot hold before its routes. */
export type FeedEvent =
  | { readonly kind: "snapshot"; readonly routes: readonly Route[]; readonly sessions: readonly LiveSession[] }
  | { readonly kind: "routes"; readonly change: RouteChange }
  | { readonly kind: "sessions"; readonly change: SessionChange };

/** Counts that are not what they were, by kind: keys and what they count now. */
export type CountChanges = { readonly [kind in keyof LimitCounts]: readonly (readonly [key: string, count: number])[] };

export type ToWorker = { readonly type: "setup"; readonly setup: WorkerSetup } | Told | CallMessage;

/** What a worker that was set up is told. */
export type Told =
  /** `event` is a `FeedEvent`, written once for all workers by `node:v8`. */
  | { readonly type: "feed"; readonly number: number; readonly event: Uint8Array }
  | { readonly type: "certificate"; readonly pair: CertificatePair }
  /** What all the other workers together count. */
  | { readonly type: "counts"; readonly changes: CountChanges }
  | { readonly type: "forget"; readonly launchId: string };

export type FromWorker =
  /** It hears what it is told from now on. */
  | { readonly type: "ready" }
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "failed"; readonly code: ErrorCode; readonly message: string; readonly hint: string }
  | { readonly type: "fed"; readonly number: number }
  | ({ readonly type: "report" } & Report)
  | CallMessage;

/** What came together within some milliseconds. */
export interface Report {
  readonly counts?: CountChanges;
  readonly limits: readonly { readonly refused: RefusedByLimit; readonly times: number }[];
  /** Milliseconds. */
  readonly handled: readonly number[];
  readonly dials: readonly number[];
}

/** What workers ask of the plane. */
export interface AskedOfPlane {
  requests(requests: readonly PreviewRequest[]): void;
  accesses(accesses: readonly NewAccess[]): void;
  /** Ends when the visit had its effect. */
  asleep(visit: Visit): void;
  door(request: DoorRequest): DoorAnswer;
  /** Of one host; undefined where the current certificate serves. */
  certificate(serverName: string): CertificatePair | undefined;
}

/** What the plane asks of workers. */
export interface AskedOfWorker {
  /** Ends when all uses so far were written down. */
  flush(input: undefined): void;
  traffic(input: undefined): TrafficReading;
  /** Ends as the gateway's `drain`. */
  drain(options: DrainOptions): void;
  close(input: undefined): void;
}
