import * as z from "zod";
import { slugSchema } from "../contract.ts";
import { accessKinds } from "./event-store.ts";
import { eventTypes } from "./events.ts";

const cursor = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const recordQuery = z.strictObject({
  after: cursor.optional().describe("Cursor of the page before; default: the last ones"),
  limit: z.int().min(1).max(500).default(100),
  project: slugSchema.optional().describe("Of this project alone; default: that of X-Project-Slug, else all"),
  org: z.string().min(1).max(200).optional().describe("Another org than the caller's; the plane's own token only"),
});

export const eventQuery = recordQuery.extend({ type: z.enum(eventTypes).optional() });

/** A client may be older than the plane: it takes types that it does not know. */
export const eventOutput = z.object({
  id: z.int().describe("Grows; whoever has seen one has seen all below it"),
  at: z.string(),
  type: z.string().describe("See docs/events.md"),
  org: z.string(),
  project: z.string().optional().describe("Absent: it belongs to the whole org"),
  user: z.string().optional().describe("Who did it"),
  keyId: z.string().optional().describe("With which API key"),
  data: z.record(z.string(), z.unknown()).describe("Ids, codes, numbers and names, by type"),
});

export const accessOutput = z.object({
  id: z.int(),
  at: z.string(),
  org: z.string(),
  project: z.string(),
  previewId: z.string(),
  linkId: z.string(),
  kind: z.enum(accessKinds),
  visitor: z.string().describe("Of a member the beginning of the session's id, else a hash of address and browser"),
  user: z.string().optional(),
  hour: z.string().describe("Beginning of the hour in which it was let through"),
});

const page = {
  cursor: z.int().describe("`after` of the next call"),
  more: z.boolean().describe("There are more already"),
};
export const eventPage = z.object({ events: z.array(eventOutput), ...page });
export const accessPage = z.object({ accesses: z.array(accessOutput), ...page });

export type RecordQuery = z.infer<typeof recordQuery>;
export type EventQuery = z.infer<typeof eventQuery>;
export type EventOutput = z.infer<typeof eventOutput>;
export type AccessOutput = z.infer<typeof accessOutput>;
export type EventPage = z.infer<typeof eventPage>;
export type AccessPage = z.infer<typeof accessPage>;
