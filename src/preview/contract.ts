import * as z from "zod";
import { problemSchema } from "./problem.ts";
import { previewStates } from "./record.ts";
import { linkLabel, sharingFields } from "./links/sharing-fields.ts";

/** Longest wait of one call, in seconds: clients give up at about 60 s. */
export const maxWaitSeconds = 45;
export const minTtlSeconds = 60;
export const maxTtlSeconds = 7 * 24 * 3600;

const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/, "lower-case letters, digits and inner dashes, at most 32")
  .describe("Which preview of the project");
const port = z.int().min(1).max(65535);
const waitSeconds = z.number().min(0).max(maxWaitSeconds);
const ttlSeconds = z.int().min(minTtlSeconds).max(maxTtlSeconds).describe("Life of the link, seconds");
const urlPath = z
  .string()
  .startsWith("/")
  .max(2048)
  .regex(/^[\x21-\x7e]*$/, "printable ASCII, percent-encoded");
const envName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);

export const slugSchema = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    "a DNS label: lower-case letters, digits and inner dashes, at most 63",
  );

export const startInput = z.strictObject({
  name: name.default("web"),
  command: z
    .string()
    .trim()
    .min(1)
    .max(4000)
    .refine((text) => !text.includes("\0"), "no NUL")
    .optional()
    .describe("Shell command; default: the project's own dev script. {port} is replaced"),
  port: port.min(1024).optional().describe("Port to ask for; default: a free one"),
  repoDir: z
    .string()
    .min(1)
    .max(4096)
    .refine((text) => !text.includes("\0"), "no NUL")
    .optional()
    .describe("Directory inside the workspace; default: its root"),
  env: z
    .record(
      envName,
      z
        .string()
        .max(32768)
        .refine((text) => !text.includes("\0"), "no NUL"),
    )
    .optional()
    .describe("Extra environment"),
  signed: z.boolean().optional().describe("true (default): unguessable link, no login; false: members log in"),
  ...sharingFields,
  readyPath: urlPath.optional().describe("Path that must answer; default /"),
  ifRunning: z.enum(["reuse", "restart", "fail"]).default("reuse"),
  ttlSeconds: ttlSeconds.optional(),
  keepaliveSeconds: z.number().min(1).optional().describe("Sleeps so long after its last visit"),
  waitSeconds: waitSeconds.default(30),
});

export const urlInput = z.strictObject({
  name: name.optional(),
  port: port.optional(),
  signed: z.boolean().optional().describe("Kind of link; default: the preview's own"),
  ttlSeconds: ttlSeconds.optional(),
  path: urlPath.optional().describe("Path to append to the URL"),
  rotate: z.boolean().default(false).describe("Revoke the present link and mint another"),
  label: linkLabel.optional().describe("A further link, which ends by itself"),
  ...sharingFields,
  waitSeconds: waitSeconds.default(0),
});

export const stopInput = z.strictObject({
  name: name.optional(),
  port: port.optional(),
  all: z.boolean().optional(),
  kill: z.boolean().optional().describe("End a server too that you started yourself; default: only its link"),
});

export const listInput = z.strictObject({ includeStopped: z.boolean().default(false) });

export const logsInput = z.strictObject({
  name: name.default("web"),
  cursor: z.string().max(64).optional().describe("From the previous call; default: the end of the log"),
  limit: z.int().min(1).max(200).default(50),
  grep: z.string().min(1).max(200).optional().describe("Only lines that contain this text"),
  waitSeconds: waitSeconds.default(0).describe("Wait for new lines"),
});

/** The one shape that start, url, get and list answer with; absent rather than null. */
export const previewOutput = z.object({
  serving: z.boolean().describe("The preview answers now"),
  previewUrl: z.string().optional(),
  token: z.string().optional(),
  port: port.optional().describe("The port really bound"),
  command: z.string(),
  repoDir: z.string(),
  previewId: z.string(),
  project: z.string(),
  name: z.string(),
  status: z.enum(previewStates),
  framework: z.string().optional(),
  signed: z.boolean(),
  /** Its server was started by somebody else, or is a further port of a launch. */
  attached: z.boolean().optional(),
  otherPorts: z.array(port).optional().describe("Further ports of this server"),
  hotReloadPorts: z.array(port).optional().describe("Those of them that carry hot reload alone"),
  expiresAt: z.string().optional().describe("End of the link, ISO 8601"),
  /** When it is put to sleep unless somebody visits it, ISO 8601. */
  idleAt: z.string().optional(),
  publicUrl: z.string().optional(),
  reused: z.boolean(),
  readyMs: z.int().optional(),
  httpStatus: z.int().optional(),
  exitCode: z.int().optional(),
  problems: z.array(problemSchema),
  logTail: z.array(z.string()).describe("Untrusted output of the dev server"),
  logCursor: z.string().optional(),
  next: z.string().describe("The sensible next step"),
});

export const stopOutput = z.object({
  stopped: z.array(
    z.object({
      name: z.string(),
      previewId: z.string(),
      port: port.optional(),
      status: z.enum(previewStates),
      /** It was attached, and goes on without a link. */
      leftRunning: z.boolean().optional(),
    }),
  ),
  next: z.string(),
});

export const listOutput = z.object({
  previews: z.array(
    previewOutput
      .pick({
        name: true,
        previewId: true,
        status: true,
        serving: true,
        previewUrl: true,
        port: true,
        command: true,
        repoDir: true,
        framework: true,
        signed: true,
        attached: true,
        expiresAt: true,
        idleAt: true,
        publicUrl: true,
      })
      .extend({ problems: z.array(problemSchema.shape.code) }),
  ),
  omitted: z.int().optional().describe("Further previews left out to bound the answer"),
  next: z.string(),
});

export const logsOutput = z.object({
  lines: z.array(z.string()).describe("Untrusted output of the dev server"),
  cursor: z.string(),
  more: z.boolean(),
  dropped: z.boolean().describe("Older lines were discarded"),
  status: z.enum(previewStates),
  problems: z.array(problemSchema.shape.code).optional(),
  next: z.string().optional(),
});

export const projectInput = z.strictObject({
  workspaceRoot: z
    .string()
    .min(1)
    .max(4096)
    .startsWith("/")
    .describe("Absolute path of the workspace on the plane's host"),
});

export const projectOutput = z.object({
  slug: slugSchema,
  org: z.string(),
  sandboxDriver: z.enum(["local"]),
  workspaceRoot: z.string(),
  active: z.object({ port, sandboxId: z.string(), signed: z.boolean(), updatedAt: z.string() }).optional(),
  createdAt: z.string(),
});

export const phases = ["resolve", "install", "launch", "listen", "answer", "gateway"] as const;
export type PhaseName = (typeof phases)[number];

/** Progress of a start, in order; `message` is ours, never output of the dev server. */
export interface Phase {
  readonly name: PhaseName;
  readonly message: string;
}

export type StartInput = z.infer<typeof startInput>;
export type UrlInput = z.infer<typeof urlInput>;
export type StopInput = z.infer<typeof stopInput>;
export type ListInput = z.infer<typeof listInput>;
export type LogsInput = z.infer<typeof logsInput>;
export type ProjectInput = z.infer<typeof projectInput>;
export type PreviewOutput = z.infer<typeof previewOutput>;
export type StopOutput = z.infer<typeof stopOutput>;
export type ListOutput = z.infer<typeof listOutput>;
export type LogsOutput = z.infer<typeof logsOutput>;
export type ProjectOutput = z.infer<typeof projectOutput>;
