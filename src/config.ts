import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import { PreviewError } from "./errors.ts";
import { defaultStateDir } from "./state-dir.ts";
import { metaOf } from "./describe-settings.ts";
import type { SettingsSchema } from "./describe-settings.ts";
import { clientConfigSchema, configSchema } from "./settings.ts";
import type { ClientConfig, Config } from "./settings.ts";

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values from the command line, by setting name. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Named by `--config`; must exist. Otherwise `dev-preview.config.json` in the state directory, when there. */
  readonly file?: string;
  readonly cwd: string;
}

/** What `process.env` holds; the only place that reads it. */
export function processEnv(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** Descriptors of sockets that listen already, by listener. */
export interface HandedOver {
  readonly gateway: readonly number[];
  readonly control: readonly number[];
}

/** What the process was given by the protocol of sd_listen_fds(3). Throws `config_invalid` for names that are not ours. */
export function handedOverSockets(env: ConfigSources["env"], pid: number): HandedOver {
  const sockets = { gateway: [] as number[], control: [] as number[] };
  // meant for another process: the variables are inherited on and on
  if (env["LISTEN_PID"] !== String(pid)) return sockets;
  const names = env["LISTEN_FDNAMES"]?.split(":") ?? [];
  for (let index = 0; index < Number(env["LISTEN_FDS"] ?? 0); index += 1) {
    const name = names[index] ?? "";
    if (name !== "gateway" && name !== "control") throw unknownSocket(name);
    sockets[name].push(firstHandedOver + index);
  }
  return sockets;
}

/** SD_LISTEN_FDS_START */
const firstHandedOver = 3;

function unknownSocket(name: string): PreviewError {
  return new PreviewError("config_invalid", `a socket named "${name}" was handed over (LISTEN_FDNAMES)`, {
    hint: "Name each one `gateway` or `control` (FileDescriptorName of its socket unit).",
  });
}

/**
 * Merges the sources and parses them; a bad value ends with every problem listed at once. No file of
 * the working directory is asked unless it is named: that directory is a project, whose author
 * could switch authentication off or name a database.
 */
export function loadConfig(sources: ConfigSources): Config {
  return parseSettings(configSchema, sources, readConfigFile(sources));
}

/** The same for a client, without a file. */
export function loadClientConfig(sources: Omit<ConfigSources, "file">): ClientConfig {
  return parseSettings(clientConfigSchema, sources, { path: "", values: {} });
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

function fromEnv({ shape }: SettingsSchema, env: ConfigSources["env"]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, schema] of Object.entries(shape)) {
    const value = env[metaOf(schema).env];
    if (value !== undefined && value !== "") values[name] = value;
  }
  return values;
}

function readConfigFile(sources: ConfigSources): { path: string; values: Record<string, unknown> } {
  const path = resolve(sources.cwd, sources.file ?? join(stateDirOf(sources), "dev-preview.config.json"));
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

/** As it is before any file was read. */
function stateDirOf({ env, flags = {}, cwd }: ConfigSources): string {
  const values = { ...fromEnv(clientConfigSchema, env), ...flags };
  const named = values["stateDir"];
  return resolve(cwd, typeof named === "string" ? named : defaultStateDir(env));
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
  const lines = error.issues.flatMap((issue) => linesOf(issue, origins));
  return new PreviewError("config_invalid", `configuration refused:\n  ${[...new Set(lines)].join("\n  ")}`, {
    hint: "Correct every setting listed; `dev-preview serve --help` describes them.",
  });
}

function linesOf(issue: z.core.$ZodIssue, origins: Origins): string[] {
  const [name, ...inside] = issue.path.map(String);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => {
      const which = name === undefined ? "" : `: ${[...inside, key].join(".")}`;
      return `${originOf(name ?? key, origins)}: no such setting${which}`;
    });
  const where = inside.length === 0 ? "" : `${inside.join(".")}: `;
  return [`${originOf(name ?? "", origins)} = ${shown(name ?? "", origins)}: ${where}${issue.message}`];
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
