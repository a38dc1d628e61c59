import { constants } from "node:http2";
import type { Http2Session, ServerHttp2Stream } from "node:http2";
import { freshMs } from "../drain.ts";
import { keepAliveMs } from "../http1/http1-response.ts";

/** Closes connections on which nothing happens, and those that only waste our time. */
export interface SessionWatch {
  add(session: Http2Session): void;
  addStream(session: Http2Session, stream: ServerHttp2Stream): void;
  /**
   * Lets connections end with the streams that they have, those that come included; to be called every now and then. A
   * client is told by GOAWAY which streams were still taken, so that it can ask for others elsewhere (RFC 9113, 6.8).
   */
  endIdle(): void;
  close(): void;
}

interface Watched {
  open: number;
  /** Since then no stream is open; monotonic ms. */
  idleSince: number;
  hadStreams: boolean;
  readonly openedAt: number;
  /** Streams that ended by a reset, of either side, in the current period. */
  resets: number;
  period: number;
}

const sweepMs = 1_000;
const periodMs = 10_000;
/**
 * In a period. A browser that leaves a page resets what it waits for: some hundred streams at once. nghttp2 gives
 * up at 1,000, and then leaves the connection open that it does not read any more.
 */
const mostResets = 900;

export function createSessionWatch({ headSeconds }: { readonly headSeconds: number }): SessionWatch {
  const sessions = new Map<Http2Session, Watched>();
  const sweep = () => {
    const now = performance.now();
    for (const [session, { open, idleSince, hadStreams }] of sessions) {
      const idleMs = open > 0 ? 0 : now - idleSince;
      if (!hadStreams && idleMs > headSeconds * 1_000) session.destroy();
      else if (idleMs > keepAliveMs) session.close();
    }
  };
  const timer = setInterval(sweep, sweepMs);
  timer.unref();
  return {
    add(session) {
      const now = performance.now();
      const watched = {
        open: 0,
        idleSince: now,
        hadStreams: false,
        openedAt: now,
        resets: 0,
        period: 0,
      };
      sessions.set(session, watched);
      session.once("close", () => sessions.delete(session));
    },
    addStream(session, stream) {
      const watched = sessions.get(session);
      if (watched === undefined) return;
      watched.open += 1;
      watched.hadStreams = true;
      stream.once("close", () => {
        watched.open -= 1;
        watched.idleSince = performance.now();
        if (stream.rstCode !== constants.NGHTTP2_NO_ERROR && isOverResets(watched)) calm(session);
      });
    },
    endIdle() {
      const latest = performance.now() - freshMs;
      for (const [session, { hadStreams, openedAt }] of sessions)
        if (!session.closed && (hadStreams || openedAt < latest)) session.close();
    },
    close() {
      clearInterval(timer);
      for (const session of sessions.keys()) session.destroy();
    },
  };
}

function isOverResets(watched: Watched): boolean {
  const period = Math.floor(performance.now() / periodMs);
  if (period !== watched.period) Object.assign(watched, { period, resets: 0 });
  watched.resets += 1;
  return watched.resets > mostResets;
}

function calm(session: Http2Session): void {
  if (!session.destroyed) session.destroy(new Error("too many resets"), constants.NGHTTP2_ENHANCE_YOUR_CALM);
}
