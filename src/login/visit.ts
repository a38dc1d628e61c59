import * as z from "zod";
import type { SigningKeys } from "../preview/links/token.ts";
import { seal, unseal } from "./seal.ts";

const place = { sandboxId: z.string(), port: z.int(), expiresAt: z.number() };
const visit = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("member"), sessionId: z.string(), user: z.string(), previewId: z.string(), ...place }),
  z.strictObject({ by: z.literal("token"), linkId: z.string(), ...place }),
]);

/**
 * What the cookie of a gated host says: who was let in there (to which preview), by a session of the login or by the token
 * of a link, and until when (milliseconds since the epoch). Necessary, not sufficient: session and link
 * must be live, and the user still one of those who may.
 */
export type Visit = z.infer<typeof visit>;

export function printVisit(keys: SigningKeys, payload: Visit): string {
  return seal(keys, "visit", payload);
}

/** Undefined for what was not printed here for this very host, or is over. */
export function parseVisit(
  keys: SigningKeys,
  text: string,
  at: { readonly sandboxId: string; readonly port: number; readonly now: number },
): Visit | undefined {
  const { data } = visit.safeParse(unseal(keys, "visit", text));
  if (data === undefined || data.sandboxId !== at.sandboxId || data.port !== at.port) return undefined;
  return data.expiresAt > at.now ? data : undefined;
}
