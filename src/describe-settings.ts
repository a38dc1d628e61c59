import type * as z from "zod";
import { configSchema } from "./settings.ts";
import { settings } from "./settings/setting.ts";
import type { SettingMeta } from "./settings/setting.ts";

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
