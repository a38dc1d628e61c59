import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Clock } from "../clock.ts";
import type { ApiKeys, MintedApiKey, ShownApiKey } from "../identity/api-keys.ts";
import type { ApiKeyOutput, MintedKeyOutput } from "./api-key-schemas.ts";
import type { ControlEnv } from "./control-env.ts";
import { createKeyRoute, listKeysRoute, revokeKeyRoute, rotateKeyRoute } from "./key-routes.ts";

/** Binds the routes of API keys. */
export function serveKeys(app: OpenAPIHono<ControlEnv>, { keys, clock }: { keys: ApiKeys; clock: Clock }): void {
  const shown = (key: ShownApiKey) => outputOf(key, clock.now());
  const minted = ({ key, text }: MintedApiKey): MintedKeyOutput => ({ ...shown(key), key: text });
  app.openapi(createKeyRoute, async (c) =>
    c.json(minted(await keys.create(c.get("principal"), c.req.valid("json"))), 200),
  );
  app.openapi(listKeysRoute, async (c) => {
    const listed = await keys.list(c.get("principal"), c.req.valid("query").org);
    return c.json({ keys: listed.map(shown) }, 200);
  });
  app.openapi(rotateKeyRoute, async (c) =>
    c.json(minted(await keys.rotate(c.get("principal"), c.req.valid("param").id, c.req.valid("json"))), 200),
  );
  app.openapi(revokeKeyRoute, async (c) =>
    c.json(shown(await keys.revoke(c.get("principal"), c.req.valid("param").id, c.req.valid("query"))), 200),
  );
}

function outputOf(key: ShownApiKey, now: number): ApiKeyOutput {
  const { id, org, userName, label, scopes, projects, createdAt } = key;
  return {
    id,
    org,
    user: userName,
    label,
    scopes: [...scopes],
    ...(projects === undefined ? {} : { projects: [...projects] }),
    status: statusOf(key, now),
    createdAt: createdAt.toISOString(),
    ...timeOf("rotatedAt", key.rotatedAt),
    ...timeOf("expiresAt", key.expiresAt),
    ...timeOf("revokedAt", key.revokedAt),
    ...timeOf("lastUsedAt", key.lastUsedAt),
  };
}

function statusOf({ revokedAt, expiresAt }: ShownApiKey, now: number): ApiKeyOutput["status"] {
  if (revokedAt !== undefined) return "revoked";
  return expiresAt !== undefined && expiresAt.getTime() <= now ? "expired" : "active";
}

function timeOf<Name extends string>(name: Name, time: Date | undefined): { [K in Name]?: string } {
  // a computed name widens to an index signature; it is the one that was given
  return time === undefined ? {} : ({ [name]: time.toISOString() } as { [K in Name]?: string });
}
