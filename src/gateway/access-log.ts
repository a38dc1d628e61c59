import type { IncomingMessage } from "node:http";
import type { Logger } from "../logger.ts";
import { redact } from "../redact.ts";
import type { Decision } from "./decide.ts";

/** Ends the line of one request; `status` is what the client got, undefined when it got nothing. */
export type LogDone = (status: number | undefined) => void;

/**
 * Starts the one line that a request gets, at level debug; undefined while that level is off, so
 * that requests pay nothing for it. The token in the host is a capability and never shown; queries
 * carry secrets of the app and are left out.
 */
export function startAccessLine(logger: Logger, request: IncomingMessage, decision: Decision): LogDone | undefined {
  if (!logger.isLevelEnabled("debug")) return undefined;
  const startedAt = performance.now();
  return (status) =>
    logger.debug(
      {
        event: "gateway_request",
        outcome: status === undefined ? "aborted" : decision.kind,
        status,
        durationMs: Math.round(performance.now() - startedAt),
        previewId: decision.route?.previewId,
        linkId: decision.route?.linkId,
        method: request.method,
        host: redact(request.headers.host ?? ""),
        path: request.url?.split("?", 1)[0]?.slice(0, 200),
      },
      "gateway request",
    );
}
