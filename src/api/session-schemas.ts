import * as z from "zod";

const name = z.string().min(1).max(200);

export const sessionTarget = z.strictObject({
  org: name.optional().describe("Another org than the caller's; the plane's own token only"),
  user: name.optional().describe("As the login tells it; default: every user"),
});

/** Somebody who is logged in for gated links. */
export const sessionOutput = z.object({
  id: z.string().describe("As in the events of a login"),
  org: z.string().optional(),
  user: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
});

export const sessionList = z.object({ sessions: z.array(sessionOutput) });
export const endedSessions = z.object({ ended: z.int().describe("How many were logged in until now") });

export type SessionOutput = z.infer<typeof sessionOutput>;
export type EndedSessions = z.infer<typeof endedSessions>;
