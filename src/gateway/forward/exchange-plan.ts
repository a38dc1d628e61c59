import type { Route } from "../../preview/route.ts";
import type { TrafficCounts } from "../traffic/traffic-counts.ts";
import type { UnderWay } from "../traffic/under-way.ts";
import type { UpstreamPool } from "../upstream/upstream-pool.ts";
import type { WriteBatch } from "../write-batch.ts";
import type { RequestFraming } from "./request-framing.ts";
import type { PreviewOrigins } from "./request-head.ts";

/** What all exchanges of a gateway share. */
export interface ExchangeWorld extends UnderWay {
  readonly pool: UpstreamPool;
  readonly counts: TrafficCounts;
  readonly batch: WriteBatch;
  /** Somebody uses the preview; may be called for every piece that passes. */
  readonly noteUse: (route: Pick<Route, "previewId">) => void;
}

/** How one request goes to the app. */
export interface ExchangePlan {
  readonly route: Route;
  /** The session of the login that let it in. */
  readonly sessionId?: string | undefined;
  /** Address of whom a proxy brings. */
  readonly visitor?: string | undefined;
  readonly origins: PreviewOrigins;
  readonly framing: RequestFraming;
  /** The head as the app gets it. */
  readonly headText: string;
  /** If the answer is a page, it is given the socket script. */
  readonly scripted: boolean;
  /** Called once, with the status that the client got, or undefined when it got none. */
  readonly onDone?: ((status: number | undefined) => void) | undefined;
}
