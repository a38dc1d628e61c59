import * as z from "zod";
import { slugSchema } from "../preview/contract.ts";
import { grantableScopes } from "../scopes.ts";

const name = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{C}]*$/u, "no control characters");
const org = name.optional().describe("Another org than the caller's; the plane's own token only");
const year = 366 * 24 * 3600;

export const keyId = z.string().regex(/^[0-9a-f]{16}$/, "16 lower-case hex digits");

export const apiKeyInput = z.strictObject({
  label: name.describe("What the key is for"),
  user: name.optional().describe("User that it stands for; default: the caller"),
  org,
  scopes: z.array(z.enum(grantableScopes)).min(1).max(grantableScopes.length),
  projects: z.array(slugSchema).min(1).max(1000).optional().describe("Default: every project of the org"),
  ttlSeconds: z
    .int()
    .min(60)
    .max(10 * year)
    .optional()
    .describe("Life of the key, seconds; default: until it is revoked"),
});

export const keyRotation = z.strictObject({
  org,
  graceSeconds: z
    .int()
    .min(0)
    .max(7 * 24 * 3600)
    .default(0)
    .describe("How long the secret before is good too"),
});

export const keyTarget = z.strictObject({ org });

export const apiKeyOutput = z.object({
  id: keyId,
  org: z.string(),
  user: z.string(),
  label: z.string(),
  scopes: z.array(z.enum(grantableScopes)),
  projects: z.array(z.string()).optional(),
  status: z.enum(["active", "expired", "revoked"]),
  createdAt: z.string(),
  rotatedAt: z.string().optional(),
  expiresAt: z.string().optional(),
  revokedAt: z.string().optional(),
  lastUsedAt: z.string().optional().describe("To about ten seconds"),
});

export const mintedKeyOutput = apiKeyOutput.extend({
  key: z.string().describe("Shown this once: the plane keeps a hash of it only"),
});

export const apiKeyList = z.object({ keys: z.array(apiKeyOutput) });

export type ApiKeyRequest = z.input<typeof apiKeyInput>;
export type ApiKeyOutput = z.infer<typeof apiKeyOutput>;
export type MintedKeyOutput = z.infer<typeof mintedKeyOutput>;
