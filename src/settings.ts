import * as z from "zod";
import { logLevels } from "./logger.ts";

/** Name of the environment variable, and whether the value must be masked wherever it is shown. */
interface SettingMeta {
  readonly env: string;
  readonly secret?: boolean;
  /** Shown instead of the computed default. */
  readonly defaultText?: string;
}

const settings = z.registry<SettingMeta>();

const port = z.coerce.number().int().min(0).max(65535);
const seconds = (max: number) => z.coerce.number().min(0).max(max);
const flag = z.union([
  z.boolean(),
  z.enum(["true", "false", "1", "0"]).transform((text) => text === "true" || text === "1"),
]);
const list = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean),
  ),
]);
const portRange = z
  .string()
  .regex(/^\d{4,5}-\d{4,5}$/, "two ports with a dash between, like 20000-20999")
  .transform((text) => {
    const [from = 0, to = 0] = text.split("-").map(Number);
    return { from, to };
  })
  .refine(({ from, to }) => from >= 1024 && to <= 65535 && from <= to, "1024 or more, ascending, at most 65535");

/** Groups of tools that are listed only when asked for. */
export const toolsetNames = ["inspect"] as const;

const toolsets = list
  .pipe(z.array(z.enum(toolsetNames)))
  .default([])
  .describe("Further tools to offer over MCP, comma separated: inspect (needs a Chromium)")
  .register(settings, { env: "DEV_PREVIEW_TOOLSETS" });

const limit = z.coerce.number().int().min(0).max(1_000_000);
const claim = z.string().min(1).max(200);

/** Over plain http anybody on the way could answer with keys of his own. */
function isSafeIssuer(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}

/** Every setting: defaults <- file <- environment <- flags. README's table is printed from this. */
export const configSchema = z.strictObject({
  stateDir: z
    .string()
    .min(1)
    .describe("Directory of the embedded database, keys, logs and the running plane's address")
    .register(settings, { env: "DEV_PREVIEW_STATE_DIR", defaultText: "~/.local/state/dev-preview" }),
  databaseUrl: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe("A Postgres server to use instead of the embedded one")
    .register(settings, { env: "DATABASE_URL", secret: true }),
  controlHost: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address that the control listener (/mcp, /v1) binds")
    .register(settings, { env: "DEV_PREVIEW_CONTROL_HOST" }),
  controlPort: port
    .optional()
    .describe("Port of the control listener; without it 4780, or a free one when that is taken")
    .register(settings, { env: "DEV_PREVIEW_CONTROL_PORT", defaultText: "4780" }),
  controlNames: list
    .default([])
    .describe("Further host names under which the control listener may be addressed, comma separated")
    .register(settings, { env: "DEV_PREVIEW_CONTROL_NAMES" }),
  allowedOrigins: list
    .default([])
    .describe("Web origins that may call the control listener, comma separated")
    .register(settings, { env: "DEV_PREVIEW_ALLOWED_ORIGINS" }),
  token: z
    .string()
    .min(24, "at least 24 characters")
    .optional()
    .describe("Bearer token of the control listener; without it one is made and kept in the state directory")
    .register(settings, { env: "DEV_PREVIEW_TOKEN", secret: true }),
  dangerouslyNoAuth: flag
    .default(false)
    .describe("Accept calls without a token; on loopback only")
    .register(settings, { env: "DEV_PREVIEW_DANGEROUSLY_NO_AUTH" }),
  orgWorkspaces: z
    .string()
    .regex(/^\/.*\{org\}/, "an absolute path with {org} in it, like /srv/workspaces/{org}")
    .optional()
    .describe("Folder in which an org's own keys may register projects; without it only the plane's token registers")
    .register(settings, { env: "DEV_PREVIEW_ORG_WORKSPACES" }),
  limitSessionPreviews: limit
    .default(5)
    .describe("Live previews that one client session may have started; 0: no limit")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_SESSION_PREVIEWS" }),
  limitUserPreviews: limit
    .default(20)
    .describe("Live previews that one user may have started")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_USER_PREVIEWS" }),
  limitProjectPreviews: limit
    .default(10)
    .describe("Live previews of one project")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_PROJECT_PREVIEWS" }),
  limitOrgPreviews: limit
    .default(200)
    .describe("Live previews of one org")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_ORG_PREVIEWS" }),
  limitPlanePreviews: limit
    .default(1000)
    .describe("Live previews of all orgs together")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_PLANE_PREVIEWS" }),
  limitStartsPerMinute: limit
    .default(60)
    .describe("Starts of one user in a minute; joining what runs is none")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_STARTS_PER_MINUTE" }),
  limitLinkConnections: limit
    .default(200)
    .describe("Requests and sockets under way at once on one link; 0: no limit")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_LINK_CONNECTIONS" }),
  limitInvalidLinks: limit
    .default(300)
    .describe("Links that do not exist which one address may ask the gateway for in a minute")
    .register(settings, { env: "DEV_PREVIEW_LIMIT_INVALID_LINKS" }),
  isolation: z
    .enum(["orgs", "all"])
    .default("orgs")
    .describe(
      "Whose dev servers see nothing of the host but their workspace and the system: all orgs' but the plane's own, or all",
    )
    .register(settings, { env: "DEV_PREVIEW_ISOLATION" }),
  dangerouslyShareHost: flag
    .default(false)
    .describe("Run dev servers of several orgs as the same user, with the same view of the host")
    .register(settings, { env: "DEV_PREVIEW_DANGEROUSLY_SHARE_HOST" }),
  oidcIssuer: z
    .url({ protocol: /^https?$/ })
    .refine(isSafeIssuer, "https, or http on loopback: its keys decide who gets in")
    .optional()
    .describe("OpenID provider whose access tokens are taken besides API keys; also the login of gated links")
    .register(settings, { env: "DEV_PREVIEW_OIDC_ISSUER" }),
  oidcAudience: z
    .string()
    .min(1)
    .default("dev-preview")
    .describe("Audience that such a token must be made for")
    .register(settings, { env: "DEV_PREVIEW_OIDC_AUDIENCE" }),
  oidcOrgClaim: claim
    .default("org")
    .describe("Claim that names the org; a dot leads into an object")
    .register(settings, { env: "DEV_PREVIEW_OIDC_ORG_CLAIM" }),
  oidcUserClaim: claim
    .default("sub")
    .describe("Claim that names the user")
    .register(settings, { env: "DEV_PREVIEW_OIDC_USER_CLAIM" }),
  oidcProjectsClaim: claim
    .default("projects")
    .describe("Claim with the slugs of the projects; a token without it reaches all of its org")
    .register(settings, { env: "DEV_PREVIEW_OIDC_PROJECTS_CLAIM" }),
  oidcScopeClaim: claim
    .default("scope")
    .describe("Claim with the scopes, as a list or as words")
    .register(settings, { env: "DEV_PREVIEW_OIDC_SCOPE_CLAIM" }),
  oidcClientId: z
    .string()
    .min(1)
    .optional()
    .describe("Client that logs people in for gated links; without it there are signed links only")
    .register(settings, { env: "DEV_PREVIEW_OIDC_CLIENT_ID" }),
  oidcClientSecret: z
    .string()
    .min(1)
    .optional()
    .describe("Secret of that client; without it the client is a public one")
    .register(settings, { env: "DEV_PREVIEW_OIDC_CLIENT_SECRET", secret: true }),
  oidcLoginScope: z
    .string()
    .regex(/^openid( |$)/, "scopes with spaces between, openid first")
    .default("openid")
    .describe("Scopes that the login asks the provider for")
    .register(settings, { env: "DEV_PREVIEW_OIDC_LOGIN_SCOPE" }),
  authHost: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, "a lower-case host name")
    .max(253)
    .optional()
    .describe("Host name at which people log in; it must lead to the gateway")
    .register(settings, { env: "DEV_PREVIEW_AUTH_HOST", defaultText: "auth.<domain>" }),
  loginSeconds: z.coerce
    .number()
    .int()
    .min(10)
    .max(604_800)
    .default(14_400)
    .describe("Life of a login; a membership that ended at the provider is noticed no later")
    .register(settings, { env: "DEV_PREVIEW_LOGIN_SECONDS" }),
  controlPublicUrl: z
    .url({ protocol: /^https?$/ })
    .transform((url) => new URL(url).origin)
    .optional()
    .describe("Origin under which clients reach the control listener, where an edge stands in front")
    .register(settings, { env: "DEV_PREVIEW_CONTROL_PUBLIC_URL" }),
  gatewayHost: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe("Address that the preview gateway binds")
    .register(settings, { env: "DEV_PREVIEW_GATEWAY_HOST" }),
  gatewayPort: port
    .optional()
    .describe("Port of the gateway; without it 4781, or a free one when that is taken")
    .register(settings, { env: "DEV_PREVIEW_GATEWAY_PORT", defaultText: "4781" }),
  domain: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, "a lower-case domain name")
    .max(180)
    .default("localhost")
    .describe("Domain under which previews get their host names")
    .register(settings, { env: "DEV_PREVIEW_DOMAIN" }),
  publicScheme: z
    .enum(["http", "https"])
    .default("http")
    .describe("Scheme of preview URLs (https when a TLS edge stands in front)")
    .register(settings, { env: "DEV_PREVIEW_PUBLIC_SCHEME" }),
  publicPort: port
    .optional()
    .describe("Port in preview URLs; without it the gateway's own")
    .register(settings, { env: "DEV_PREVIEW_PUBLIC_PORT", defaultText: "the gateway's port" }),
  signingKeys: z
    .string()
    .regex(
      /^\d{1,2}:[A-Za-z0-9+/_=-]{43,}(,\d{1,2}:[A-Za-z0-9+/_=-]{43,})?$/,
      "`<id 0-15>:<32 or more bytes in base64>`, two at most, comma separated; the first one signs",
    )
    .optional()
    .describe(
      "Keys that sign links; planes that share a database must share them. Without it a key is made and kept in the state directory",
    )
    .register(settings, { env: "DEV_PREVIEW_SIGNING_KEYS", secret: true }),
  portRange: z
    .preprocess((value) => value ?? "20000-20999", portRange)
    .describe("Ports leased to dev servers")
    .register(settings, { env: "DEV_PREVIEW_PORT_RANGE", defaultText: "20000-20999" }),
  defaultCommand: z
    .string()
    .trim()
    .min(1)
    .default("pnpm dev")
    .describe("Command of a project in which none is found")
    .register(settings, { env: "DEV_PREVIEW_DEFAULT_COMMAND" }),
  launchesDir: z
    .string()
    .min(1)
    .optional()
    .describe("Logs and process files of dev servers; planes of one host that share a database share it")
    .register(settings, { env: "DEV_PREVIEW_LAUNCHES_DIR", defaultText: "<stateDir>/launches" }),
  install: z
    .enum(["auto", "never"])
    .default("auto")
    .describe("Install missing node_modules when a lock file is there")
    .register(settings, { env: "DEV_PREVIEW_INSTALL" }),
  startTimeoutSeconds: seconds(3600)
    .default(120)
    .describe("How long a dev server may take until it answers")
    .register(settings, { env: "DEV_PREVIEW_START_TIMEOUT_SECONDS" }),
  installTimeoutSeconds: seconds(3600)
    .default(600)
    .describe("How long an installation may take")
    .register(settings, { env: "DEV_PREVIEW_INSTALL_TIMEOUT_SECONDS" }),
  stopGraceSeconds: seconds(120)
    .default(5)
    .describe("Time between TERM and KILL")
    .register(settings, { env: "DEV_PREVIEW_STOP_GRACE_SECONDS" }),
  linkTtlSeconds: z.coerce
    .number()
    .int()
    .min(60)
    .max(604_800)
    .default(43_200)
    .describe("Life of a link when the caller names none")
    .register(settings, { env: "DEV_PREVIEW_LINK_TTL_SECONDS" }),
  toolsets,
  chromiumPath: z
    .string()
    .min(1)
    .optional()
    .describe("Executable of the Chromium that looks at previews; without it the usual places are searched")
    .register(settings, { env: "DEV_PREVIEW_CHROMIUM_PATH" }),
  logMaxBytes: z.coerce
    .number()
    .int()
    .min(65_536)
    .default(10_485_760)
    .describe("Bound of one dev server's log file")
    .register(settings, { env: "DEV_PREVIEW_LOG_MAX_BYTES" }),
  logLevel: z
    .enum(logLevels)
    .default("info")
    .describe("Verbosity of the plane's own log (stderr)")
    .register(settings, { env: "DEV_PREVIEW_LOG_LEVEL" }),
});

export type Config = z.infer<typeof configSchema>;

/** What a client of a plane (the stdio front, the command line) reads: environment <- flags, no file. */
export const clientConfigSchema = z.strictObject({
  stateDir: configSchema.shape.stateDir,
  root: z
    .string()
    .min(1)
    .optional()
    .describe("Directory of the project; without it the working tree that the client runs in")
    .register(settings, { env: "DEV_PREVIEW_ROOT", defaultText: "the git root or worktree of the current directory" }),
  project: z
    .string()
    .min(1)
    .optional()
    .describe("Slug of an already registered project, instead of a directory")
    .register(settings, { env: "DEV_PREVIEW_PROJECT" }),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Control address of a plane elsewhere; without it the local plane, started when none runs")
    .register(settings, { env: "DEV_PREVIEW_URL", defaultText: "the local plane" }),
  token: configSchema.shape.token,
  toolsets,
  logLevel: configSchema.shape.logLevel,
});

export type ClientConfig = z.infer<typeof clientConfigSchema>;

export interface SettingDescription {
  readonly name: string;
  readonly env: string;
  /** Empty when there is none. */
  readonly fallback: string;
  readonly description: string;
  /** A secret has no flag: the arguments of a process are public. */
  readonly secret: boolean;
  /** True or false; its flag takes no value. */
  readonly onOff: boolean;
}

/** One row per setting, for README and `--help`. */
export function describeSettings({ shape }: SettingsSchema = configSchema): SettingDescription[] {
  return Object.entries(shape).map(([name, schema]) => ({
    name,
    env: metaOf(schema).env,
    fallback: metaOf(schema).defaultText ?? defaultOf(schema),
    description: schema.description ?? "",
    secret: metaOf(schema).secret === true,
    onOff: schema.safeParse(true).data === true,
  }));
}

/** What is used of an object schema: its fields, and the parsing of the whole. */
export interface SettingsSchema<Settings = unknown> {
  readonly shape: Readonly<Record<string, z.ZodType>>;
  safeParse(values: unknown): z.ZodSafeParseResult<Settings>;
}

/** Every setting is registered; one that is not is a mistake of ours. */
export function metaOf(schema: z.ZodType): SettingMeta {
  const meta = settings.get(schema);
  if (meta === undefined) throw new Error("a setting is not registered with its environment variable");
  return meta;
}

function defaultOf(schema: z.ZodType): string {
  const parsed = schema.safeParse(undefined);
  if (!parsed.success || parsed.data === undefined) return "";
  return typeof parsed.data === "string"
    ? parsed.data
    : Array.isArray(parsed.data)
      ? parsed.data.join(",")
      : JSON.stringify(parsed.data);
}
