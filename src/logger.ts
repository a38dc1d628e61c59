import { pino, destination, stdSerializers } from "pino";
import type { Logger } from "pino";
import { redact } from "./redact.ts";

export type { Logger };

export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** pino on stderr: stdout belongs to JSON-RPC. Every finished line passes the redaction list once. */
export function createLogger(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: { service: "dev-preview" },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.err },
      hooks: { streamWrite: (line) => redact(line) },
    },
    destination({ dest: 2, sync: true }),
  );
}
