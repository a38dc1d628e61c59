import * as z from "zod";
import type { SigningKeys } from "../preview/links/token.ts";
import type { GatedPlace } from "./contract.ts";
import { seal, unseal } from "./seal.ts";

/** Where an unknown visitor wanted to go, and with which browser. */
export interface Wish extends GatedPlace {
  /** Path of the preview to return to. */
  readonly path: string;
  /** SHA-256 of the secret of the browser that may redeem the ticket, hex. */
  readonly browserHash: string;
  /** The ticket is for a frame, which opens the login in a window of its own. */
  readonly inFrame: boolean;
}

export const wishFields = {
  sandboxId: z.string(),
  port: z.int(),
  path: z.string(),
  browserHash: z.string(),
  inFrame: z.boolean(),
} as const;

const sealedWish = z.strictObject({ ...wishFields, expiresAt: z.number() });

/** As the address of the login carries it: nobody puts another browser, place or path into it. */
export function sealWish(keys: SigningKeys, wish: Wish, expiresAt: number): string {
  return seal(keys, "wish", { ...wish, expiresAt });
}

/** Undefined for what the gateway did not seal, or too long ago. */
export function openWish(keys: SigningKeys, text: string, now: number): Wish | undefined {
  const { data } = sealedWish.safeParse(unseal(keys, "wish", text));
  if (data === undefined || data.expiresAt <= now) return undefined;
  const { expiresAt: _expiresAt, ...wish } = data;
  return wish;
}
