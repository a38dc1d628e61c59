import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import * as z from "zod";
import { PreviewError } from "./errors.ts";
import { isTwinFree } from "./loopback-twin.ts";

const portsSchema = z.record(z.string(), z.int().min(1).max(65535));

export interface ListenPortRequest {
  /** `control` or `gateway`. */
  readonly listener: string;
  readonly host: string;
  /** Given by configuration: this one or none. 0 means any. */
  readonly configured?: number | undefined;
  readonly fallback: number;
  /** Remembers the port, so that links keep their origin over restarts. */
  readonly portsFile: string;
}

/** The port to listen on: the configured one, else the one used last time, else the default, else any free one. */
export async function chooseListenPort(request: ListenPortRequest): Promise<number> {
  const { configured, host, listener } = request;
  if (configured !== undefined && configured !== 0) {
    if (await isFree(host, configured)) return configured;
    throw new PreviewError("listen_failed", `the ${listener} port ${configured} on ${host} is in use`, {
      hint: `Stop the process that holds it, or set another port (DEV_PREVIEW_${listener.toUpperCase()}_PORT).`,
    });
  }
  const remembered = readPorts(request.portsFile)[listener];
  const candidates = [
    ...(remembered === undefined ? [] : [remembered]),
    ...(configured === 0 ? [] : [request.fallback]),
  ];
  for (const port of candidates) if (await isFree(host, port)) return remember(request, port);
  return remember(request, await anyPort(host));
}

function remember(request: ListenPortRequest, port: number): number {
  writeFileSync(request.portsFile, JSON.stringify({ ...readPorts(request.portsFile), [request.listener]: port }), {
    mode: 0o600,
  });
  return port;
}

/** A file that is missing or damaged costs only the memory of the port. */
function readPorts(file: string): Record<string, number> {
  try {
    return portsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}

async function isFree(host: string, port: number): Promise<boolean> {
  return (await tryListen(host, port)) !== undefined;
}

async function anyPort(host: string): Promise<number> {
  for (let attempt = 0; attempt < anyPortAttempts; attempt += 1) {
    const port = await tryListen(host, 0);
    if (port !== undefined) return port;
  }
  throw new PreviewError("listen_failed", `no port can be opened on ${host}`, {
    hint: "Bind an address of this host.",
  });
}

/** The system chooses by one address; on its twin the port may be taken. */
const anyPortAttempts = 10;

/** The port, when it is free on the address and on its loopback twin. */
async function tryListen(host: string, port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
    const bound = server.address();
    if (bound === null || typeof bound === "string") return undefined;
    return (await isTwinFree(bound)) ? bound.port : undefined;
  } catch {
    // in use, not allowed, or no address of this host: not a port for us
    return undefined;
  } finally {
    server.close();
  }
}
