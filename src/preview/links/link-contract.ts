import * as z from "zod";
import { minTtlSeconds, maxTtlSeconds, startInput } from "../contract.ts";

export const linkId = z.string().regex(/^[0-9a-f]{16}$/, "16 lower-case hex digits");

/** Whose links: a preview's, or without a name the project's. */
export const linkTarget = z.strictObject({ name: startInput.shape.name.unwrap().optional() });

export const linkRotation = z.strictObject({
  ttlSeconds: z.int().min(minTtlSeconds).max(maxTtlSeconds).optional().describe("Life of the new link, seconds"),
});

/** A live link; absent rather than null. */
export const linkOutput = z.object({
  id: linkId,
  name: z.string().describe("The preview's"),
  label: z.string().optional().describe("Of a further link; absent: the preview's own"),
  signed: z.boolean().describe("false: behind the login"),
  previewUrl: z.string().optional().describe("Absent after a change of signing key or domain, which ended it"),
  token: z.string().optional(),
  port: z.int(),
  expiresAt: z.string().describe("ISO 8601"),
  createdAt: z.string(),
  embedOrigins: z.array(z.string()).optional().describe("Origins that may show it in a frame"),
  guests: z.array(z.string()).optional().describe("Users that pass its login besides members"),
});

export const linkList = z.object({ links: z.array(linkOutput) });
export const revokedLinks = z.object({ revoked: z.int().describe("How many links were live until now") });

export type LinkTarget = z.infer<typeof linkTarget>;
export type LinkRotation = z.infer<typeof linkRotation>;
export type LinkOutput = z.infer<typeof linkOutput>;
export type RevokedLinks = z.infer<typeof revokedLinks>;
