import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Clock } from "../clock.ts";
import type { ApiKeys, MintedApiKey, ShownApiKey } from "../identity/api-keys.ts";
import type { EventLog } from "../preview/events/event-log.ts";
import { recordingRefusal } from "../preview/events/record-refusals.ts";
import type { ApiKeyOutput, MintedKeyOutput } from "./api-key-schemas.ts";
import type { ControlContext, ControlEnv } from "./control-env.ts";
import { createKeyRoute, listKeysRoute, revokeKeyRoute, rotateKeyRoute } from "./key-routes.ts";

export interface KeyServing {
  readonly keys: ApiKeys;
  readonly clock: Clock;
  readonly eventLog: Pick<EventLog, "record">;
}

/** Binds the routes of API keys. */
export function serveKeys(app: OpenAPIHono<ControlEnv>, { keys, clock, eventLog }: KeyServing): void {
  const recorded = <Output>(c: ControlContext, call: string, work: () => Promise<Output>) =>
    recordingRefusal(eventLog, c.get("context"), { call, work });
  const shown = (key: ShownApiKey) => outputOf(key, clock.now());
  const minted = ({ key, text }: MintedApiKey): MintedKeyOutput => ({ ...shown(key), key: text });
  app.openapi(createKeyRoute, async (c) =>
    c.json(minted(await recorded(c, "createKey", () => keys.create(c.get("principal"), c.req.valid("json")))), 200),
  );
  app.openapi(listKeysRoute, async (c) => {
    const listed = await recorded(c, "listKeys", () => keys.list(c.get("principal"), c.req.valid("query").org));
    return c.json({ keys: listed.map(shown) }, 200);
  });
  app.openapi(rotateKeyRoute, async (c) => {
    const { id } = c.req.valid("param");
    const input = c.req.valid("json");
    return c.json(minted(await recorded(c, "rotateKey", () => keys.rotate(c.get("principal"), id, input))), 200);
  });
  app.openapi(revokeKeyRoute, async (c) => {
    const { id } = c.req.valid("param");
    const target = c.req.valid("query");
    return c.json(shown(await recorded(c, "revokeKey", () => keys.revoke(c.get("principal"), id, target))), 200);
  });
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
