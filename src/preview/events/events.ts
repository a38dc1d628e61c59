import * as z from "zod";

const preview = {
  previewId: z.string(),
  name: z.string().describe("Name of the preview"),
  launchId: z.string(),
  port: z.int(),
};
const link = { linkId: z.string(), previewId: z.string(), name: z.string(), port: z.int(), gated: z.boolean() };
const code = z.string().max(64).describe("Code of the error");
const count = z.int().min(1).describe("How many of the same within a minute this one stands for");
const problems = z.array(z.string()).optional().describe("Codes, see problems.md");
const expiresAt = z.string().optional();
const session = z.string().describe("Beginning of the session's id");
const user = z.string().describe("Whose it is");

/**
 * Every type of event: what it says, and all that it may carry. Ids, codes, numbers and names; never a text that
 * somebody else wrote, a link or a secret. The rows of changes are made by migrations/0009_events.sql.
 */
export const eventTable = {
  "preview.started": {
    means: "A start, or an attach, claimed the preview.",
    data: z.object({ ...preview, attached: z.boolean(), framework: z.string().optional() }),
  },
  "preview.ready": {
    means: "It answers through the gateway, for the first time or again.",
    data: z.object({ ...preview, httpStatus: z.int().optional(), readyMs: z.int().optional() }),
  },
  "preview.unhealthy": {
    means: "It runs, and does not serve as it should.",
    data: z.object({ ...preview, httpStatus: z.int().optional(), exitCode: z.int().optional(), problems }),
  },
  "preview.crashed": {
    means: "Its processes are gone, or never served.",
    data: z.object({ ...preview, httpStatus: z.int().optional(), exitCode: z.int().optional(), problems }),
  },
  "preview.stopped": {
    means:
      "It was ended; `cause` says `asked`, `restart` where the next launch follows at once, or `crowded`: the plane ended it in its sleep, to make room for others.",
    data: z.object({ ...preview, cause: code }),
  },
  "preview.idle": { means: "Nobody used it for a while: its processes were ended.", data: z.object(preview) },
  "preview.woken": { means: "A visit started it again, or the call of whom it names.", data: z.object(preview) },
  "preview.reaped": {
    means: "The plane ended it; `cause` says why (`expired`).",
    data: z.object({ ...preview, cause: code }),
  },
  "preview.shared": {
    means: "Its frames or guests were changed: how many of each it has now.",
    data: z.object({ ...preview, embedOrigins: z.int(), guests: z.int() }),
  },
  "link.minted": { means: "A link was made.", data: z.object({ ...link, expiresAt }) },
  "link.rotated": { means: "A link ended because another takes its place.", data: z.object(link) },
  "link.revoked": {
    means:
      "A link ended before its time; `cause` says `stop`, `launch` (the next launch does not keep it), `port` (the server moved to another), `visibility` (the org may no longer show it so), or `asked`.",
    data: z.object({ ...link, cause: code }),
  },
  "session.login": { means: "A person logged in.", data: z.object({ session, user, expiresAt }) },
  "session.logout": {
    means: "A login was ended; `cause` says `asked` by its person, or by whom else.",
    data: z.object({ session, user, cause: code }),
  },
  "session.refused": {
    means:
      "Somebody was not let in to a gated preview: `not_member` of its project (named where of the same org), `provider` (it refused, or names no org), `ticket` (used before, too old, or another browser's).",
    data: z.object({ code, count }),
  },
  "call.refused": {
    means: "A caller asked for what it may not do or see; `call` is the use-case.",
    data: z.object({ code, call: z.string().max(64), count }),
  },
  "limit.reached": {
    means: "A call, visit or start was refused by a limit.",
    data: z.object({ limit: z.string().max(64), most: z.int(), previewId: z.string().optional(), count }),
  },
  "key.created": {
    means: "An API key was made.",
    data: z.object({
      keyId: z.string(),
      user,
      scopes: z.array(z.string()),
      projects: z.int().optional().describe("How many projects it is bound to; absent: all of the org"),
      expiresAt,
    }),
  },
  "key.rotated": { means: "An API key has a new secret.", data: z.object({ keyId: z.string(), user }) },
  "key.revoked": { means: "An API key was ended.", data: z.object({ keyId: z.string(), user }) },
  "project.registered": { means: "A project was registered.", data: z.object({}) },
  "project.removed": { means: "A project was forgotten.", data: z.object({}) },
  "events.lost": {
    means: "So many refusals could not be written: the database was away, or there were too many different ones.",
    data: z.object({ count: z.int() }),
  },
} as const satisfies Record<string, { readonly means: string; readonly data: z.ZodObject }>;

export type EventType = keyof typeof eventTable;
export type EventData<Type extends EventType> = z.infer<(typeof eventTable)[Type]["data"]>;

// the keys of a literal table
export const eventTypes = Object.keys(eventTable) as [EventType, ...EventType[]];

/** Who makes a change. */
export interface Actor {
  readonly user: string;
  /** The API key that it came with. */
  readonly key?: string;
}

/** What a statement may tell of the change that it makes: the event of the change carries it. */
export interface Told {
  readonly by?: Actor | undefined;
  readonly cause?: string | undefined;
}

/** Whom an event belongs to: an org, and a project of it; or whoever the preview belongs to. */
export type EventOwner =
  | { readonly org: string; readonly project?: string | undefined }
  | { readonly ofPreview: string };

/** An event that is no change of the database: those are recorded with the change. */
export type NewEvent = {
  [Type in EventType]: {
    readonly type: Type;
    readonly owner: EventOwner;
    readonly by?: Actor | undefined;
    /** Equal ones are counted by the log. */
    readonly data: Omit<EventData<Type>, "count">;
  };
}[EventType];
