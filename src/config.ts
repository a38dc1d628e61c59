import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import { PreviewError } from "./errors.ts";
import { logLevels } from "./logger.ts";
import { defaultStateDir } from "./state-dir.ts";

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
  logLevel: configSchema.shape.logLevel,
});

export type ClientConfig = z.infer<typeof clientConfigSchema>;

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values from the command line, by setting name. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Named by `--config`; must exist. Otherwise `dev-preview.config.json` in `cwd`, when there. */
  readonly file?: string;
  readonly cwd: string;
}

/** What `process.env` holds; the only place that reads it. */
export function processEnv(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** Merges the sources and parses them; a bad value ends with every problem listed at once. */
export function loadConfig(sources: ConfigSources): Config {
  return parseSettings(configSchema, sources, readConfigFile(sources));
}

/** The same for a client. A file in the directory it runs in is not asked: that directory may be anybody's. */
export function loadClientConfig(sources: Omit<ConfigSources, "file">): ClientConfig {
  return parseSettings(clientConfigSchema, sources, { path: "", values: {} });
}

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
interface SettingsSchema<Settings = unknown> {
  readonly shape: Readonly<Record<string, z.ZodType>>;
  safeParse(values: unknown): z.ZodSafeParseResult<Settings>;
}

function parseSettings<Settings extends { readonly stateDir: string }>(
  schema: SettingsSchema<Settings>,
  sources: ConfigSources,
  file: { path: string; values: Record<string, unknown> },
): Settings {
  const env = fromEnv(schema, sources.env);
  const flags = Object.fromEntries(Object.entries(sources.flags ?? {}).filter(([, value]) => value !== undefined));
  const merged = { stateDir: defaultStateDir(sources.env), ...file.values, ...env, ...flags };
  const parsed = schema.safeParse(merged);
  if (!parsed.success) throw refused(parsed.error, { schema, merged, flags, env, file: file.path });
  return { ...parsed.data, stateDir: resolve(sources.cwd, parsed.data.stateDir) };
}

function metaOf(schema: z.ZodType): SettingMeta {
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

function fromEnv({ shape }: SettingsSchema, env: ConfigSources["env"]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, schema] of Object.entries(shape)) {
    const value = env[metaOf(schema).env];
    if (value !== undefined && value !== "") values[name] = value;
  }
  return values;
}

function readConfigFile(sources: ConfigSources): { path: string; values: Record<string, unknown> } {
  const path = resolve(sources.cwd, sources.file ?? join(sources.cwd, "dev-preview.config.json"));
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (sources.file === undefined && isMissing(error)) return { path, values: {} };
    throw new PreviewError("config_invalid", `config file ${path} cannot be read`, {
      hint: "Pass --config with a readable file.",
      cause: error,
    });
  }
  return { path, values: parseConfigFile(path, text) };
}

function parseConfigFile(path: string, text: string): Record<string, unknown> {
  try {
    const { $schema: _, ...values } = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
    return values;
  } catch (error) {
    throw new PreviewError("config_invalid", `config file ${path} is not a JSON object`, {
      hint: 'Write it as { "setting": value }.',
      cause: error,
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

interface Origins {
  readonly schema: SettingsSchema;
  readonly merged: Record<string, unknown>;
  readonly flags: Record<string, unknown>;
  readonly env: Record<string, string>;
  readonly file: string;
}

function refused(error: z.ZodError, origins: Origins): PreviewError {
  const lines = error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => `${originOf(key, origins)}: no such setting`);
    const name = String(issue.path[0]);
    return [`${originOf(name, origins)} = ${shown(name, origins)}: ${issue.message}`];
  });
  return new PreviewError("config_invalid", `configuration refused:\n  ${[...new Set(lines)].join("\n  ")}`, {
    hint: "Correct every setting listed; `dev-preview serve --help` describes them.",
  });
}

function originOf(name: string, origins: Origins): string {
  const schema = origins.schema.shape[name];
  if (name in origins.flags) return `flag ${name}`;
  if (name in origins.env && schema !== undefined) return metaOf(schema).env;
  return `${name} (${origins.file})`;
}

function shown(name: string, { schema, merged }: Origins): string {
  const setting = schema.shape[name];
  if (setting !== undefined && metaOf(setting).secret === true) return "[secret]";
  return JSON.stringify(merged[name]) ?? "undefined";
}
