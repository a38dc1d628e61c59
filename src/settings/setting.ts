import * as z from "zod";
import { parseNetwork } from "../hosts.ts";
import type { Network } from "../hosts.ts";

/** Name of the environment variable, and whether the value must be masked wherever it is shown. */
export interface SettingMeta {
  readonly env: string;
  readonly secret?: boolean;
  /** Shown instead of the computed default. */
  readonly defaultText?: string;
}

export const settings = z.registry<SettingMeta>();

export const port = z.coerce.number().int().min(0).max(65535);
export const seconds = (max: number) => z.coerce.number().min(0).max(max);
export const flag = z.union([
  z.boolean(),
  z.enum(["true", "false", "1", "0"]).transform((text) => text === "true" || text === "1"),
]);
export const list = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean),
  ),
]);
export const networks = list.transform((items, context): Network[] =>
  items.flatMap((item) => {
    const network = parseNetwork(item);
    if (network === undefined)
      context.addIssue({ code: "custom", message: `addresses and networks, like 127.0.0.1 and 10.0.0.0/8` });
    return network ?? [];
  }),
);
export const portRange = z
  .string()
  .regex(/^\d{4,5}-\d{4,5}$/, "two ports with a dash between, like 20000-20999")
  .transform((text) => {
    const [from = 0, to = 0] = text.split("-").map(Number);
    return { from, to };
  })
  .refine(({ from, to }) => from >= 1024 && to <= 65535 && from <= to, "1024 or more, ascending, at most 65535");
