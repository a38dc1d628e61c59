import * as z from "zod";
import type { SigningKeys } from "../preview/links/token.ts";
import { seal, unseal } from "./seal.ts";

const ticketText = z.strictObject({
  /** Its hash is what the store knows. */
  secret: z.string(),
  sandboxId: z.string(),
  port: z.int(),
  /** SHA-256 of the secret of the browser that may redeem it, hex. */
  browserHash: z.string(),
  expiresAt: z.number(),
});

export type TicketText = Readonly<z.infer<typeof ticketText>>;

/** As addresses carry it: sealed, so that the store is asked for no made-up one. */
export function printTicket(keys: SigningKeys, ticket: TicketText): string {
  return seal(keys, "ticket", ticket);
}

/** Undefined for what was not sealed by a plane, or is over. */
export function readTicket(keys: SigningKeys, text: string, now: number): TicketText | undefined {
  const { data } = ticketText.safeParse(unseal(keys, "ticket", text));
  return data === undefined || data.expiresAt <= now ? undefined : data;
}
