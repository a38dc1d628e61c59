import type { Logger } from "../../logger.ts";
import { redact } from "../../redact.ts";
import type { Client } from "../client.ts";
import type { Decision } from "../decide/decide.ts";

export interface AccessLogSettings {
  readonly logger: Logger;
  /** Of the line that each request gets; default debug. */
  readonly accessLevel?: "debug" | "info";
}

/** Ends the line of one request; `status` is what the client got, undefined when it got nothing. */
export type LogDone = (status: number | undefined) => void;

/**
 * Starts the one line that a request gets, a WebSocket when it ends; undefined while its level is off,
 * so that requests pay nothing for it. The token in the host is a capability and never shown; queries
 * carry secrets of the app and are left out.
 */
export function startAccessLine(
  { logger, accessLevel = "debug" }: AccessLogSettings,
  client: Pick<Client, "request" | "bytesSent">,
  decision: Decision,
): LogDone | undefined {
  if (!logger.isLevelEnabled(accessLevel)) return undefined;
  const startedAt = performance.now();
  const { method, url, headers } = client.request;
  const sentBefore = client.bytesSent();
  return (status) =>
    logger[accessLevel](
      {
        event: "gateway_request",
        outcome: status === undefined ? "aborted" : decision.kind,
        status,
        // with its head, as the client was sent it
        bytes: client.bytesSent() - sentBefore,
        durationMs: Math.round(performance.now() - startedAt),
        previewId: decision.route?.previewId,
        linkId: decision.route?.linkId,
        method,
        host: redact(headers.host ?? ""),
        path: url?.split("?", 1)[0]?.slice(0, 200),
      },
      "gateway request",
    );
}
