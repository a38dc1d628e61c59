import type { PreviewDeps } from "./deps.ts";
import type { LinkRecord, PreviewRecord } from "./record.ts";
import { hashToken, mintToken } from "./token.ts";

/** A link with its capability, as only its caller ever sees it. */
export interface MintedLink {
  readonly port: number;
  readonly token: string;
  readonly expiresAt: Date;
}

type Deps = Pick<PreviewDeps, "db" | "keys" | "ids" | "clock" | "gateway" | "arrivals">;
type Bound = PreviewRecord & { readonly port: number };

/**
 * The link of a preview's launch. Inside its life the same link is given again: a stable origin
 * keeps storage and open tabs. Undefined when the launch ended meanwhile.
 */
export async function linkOf(deps: Deps, preview: Bound, ttlMs: number): Promise<MintedLink | undefined> {
  const live = await deps.db.links.live(preview.launchId, preview.port, new Date(deps.clock.now()));
  const known = live === undefined ? undefined : printAgain(deps, live);
  return known ?? (await mintLink(deps, preview, ttlMs));
}

/** A fresh link; every other link of the preview is revoked, open sockets included. */
export async function rotateLink(deps: Deps, preview: Bound, ttlMs: number): Promise<MintedLink | undefined> {
  await deps.db.links.revoke(preview.id);
  return await mintLink(deps, preview, ttlMs);
}

async function mintLink(deps: Deps, preview: Bound, ttlMs: number): Promise<MintedLink | undefined> {
  const endsAt = Math.min(deps.clock.now() + ttlMs, preview.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
  const expiresAt = new Date(Math.floor(endsAt / 1000) * 1000);
  const claims = { keyId: deps.keys.currentId, linkId: deps.ids.link(), expiresAt: expiresAt.getTime() };
  const token = mintToken(deps.keys, { domain: deps.gateway.domain, port: preview.port }, claims);
  const { arrived } = deps.arrivals.expect(claims.linkId);
  const link = await deps.db.links.insert({
    id: claims.linkId,
    previewId: preview.id,
    launchId: preview.launchId,
    port: preview.port,
    keyId: claims.keyId,
    expiresAt,
    tokenHash: hashToken(token),
  });
  if (link === undefined) return undefined;
  await arrived;
  return { port: preview.port, token, expiresAt };
}

/** A token is a function of its claims and key; after a change of key or domain it can no longer be told. */
function printAgain(deps: Deps, link: LinkRecord): MintedLink | undefined {
  if (!deps.keys.secrets.has(link.keyId)) return undefined;
  const claims = { keyId: link.keyId, linkId: link.id, expiresAt: link.expiresAt.getTime() };
  const token = mintToken(deps.keys, { domain: deps.gateway.domain, port: link.port }, claims);
  return hashToken(token) === link.tokenHash ? { port: link.port, token, expiresAt: link.expiresAt } : undefined;
}
