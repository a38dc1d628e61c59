import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { requireOwner } from "../state-dir.ts";
import { processStart } from "./process-start.ts";

const planeRecord = z.object({
  planeId: z.string().min(1),
  pid: z.int().min(1),
  /** Absent where the system does not tell when a process was started. */
  startTime: z.string().optional(),
  version: z.string(),
  controlUrl: z.url({ protocol: /^https?$/ }),
  gatewayPort: z.int().min(1).max(65535),
  /** ISO 8601. */
  startedAt: z.string(),
  /** It accepts nothing more, and ends when what is under way has. */
  draining: z.literal(true).optional(),
});

/** How a running plane is found: what StateDir.planeFile holds. */
export type PlaneRecord = z.infer<typeof planeRecord>;
export type NewPlaneRecord = Omit<PlaneRecord, "pid" | "startTime">;

/** Writes the record of this process in one step: a reader sees the old one or the new one, whole. */
export function writePlaneFile(path: string, plane: NewPlaneRecord): void {
  const startTime = processStart(process.pid);
  write(path, { ...plane, pid: process.pid, ...(startTime === undefined ? {} : { startTime }) });
}

/** Says of this plane that it is not to be called any more; the record of a later plane stays. */
export function markPlaneDraining(path: string, planeId: string): void {
  const record = readPlaneFile(path);
  if (record?.planeId === planeId) write(path, { ...record, draining: true });
}

function write(path: string, record: PlaneRecord): void {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  renameSync(draft, path);
}

/**
 * The record, or undefined when there is none. One that cannot be parsed counts as none: a plane
 * rewrites it. Throws `config_invalid` for another user's file: whoever writes it chooses the
 * address that a token is sent to.
 */
export function readPlaneFile(path: string): PlaneRecord | undefined {
  try {
    return planeRecord.parse(JSON.parse(readOwn(path)));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || isMissing(error)) return undefined;
    throw error;
  }
}

function readOwn(path: string): string {
  const file = openSync(path, "r");
  try {
    requireOwner(path, fstatSync(file).uid, "Set DEV_PREVIEW_STATE_DIR to a directory of yours.");
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

/** Removes the record of this plane; that of a later plane stays. Idempotent. */
export function removePlaneFile(path: string, planeId: string): void {
  if (readPlaneFile(path)?.planeId === planeId) rmSync(path, { force: true });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
