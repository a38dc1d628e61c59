import type { PreviewDeps } from "../deps.ts";
import type { Actor } from "../events/events.ts";
import { printGatedHost, printSignedHost } from "./host-name.ts";
import type { LinkRecord, PreviewRecord } from "../record.ts";
import { gatedScope, mintToken } from "./token.ts";
import { hashOf } from "../../secrets.ts";
import type { TokenClaims, TokenScope } from "./token.ts";

/** A link with its capability, as only its caller ever sees it. */
export interface MintedLink {
  readonly id: string;
  readonly port: number;
  /** Part of the host name of a signed link; how machines pass the login of a gated one. */
  readonly token: string;
  /** Host name without a port. */
  readonly host: string;
  readonly gated: boolean;
  readonly expiresAt: Date;
}

type Deps = Pick<PreviewDeps, "db" | "keys" | "ids" | "clock" | "gateway" | "arrivals">;
export interface LinkWish {
  readonly ttlMs: number;
  /** Who asks for it. */
  readonly by?: Actor | undefined;
}

/** What a link is minted for: a further one has a label. */
type Bound = PreviewRecord & { readonly port: number; readonly label?: string };

/**
 * The link of a preview's launch, signed or gated as the preview is. Inside its life the same link is given again: a stable origin
 * keeps storage and open tabs. Undefined when the launch ended meanwhile.
 */
export async function linkOf(deps: Deps, preview: Bound, wish: LinkWish): Promise<MintedLink | undefined> {
  const live = await deps.db.links.live(
    { launchId: preview.launchId, port: preview.port, gated: !preview.signed, ...labelOf(preview) },
    new Date(deps.clock.now()),
  );
  const known = live === undefined ? undefined : linkAgain(deps, preview, live);
  return known ?? (await freshLink(deps, preview, wish));
}

/** A fresh link; the ones before of its label (without one: the preview's own) are revoked, open sockets included. */
export async function rotateLink(deps: Deps, preview: Bound, wish: LinkWish): Promise<MintedLink | undefined> {
  await deps.db.links.revoke(preview.id, { label: preview.label ?? null, cause: "rotate", by: wish.by });
  return await freshLink(deps, preview, wish);
}

export async function freshLink(deps: Deps, preview: Bound, { ttlMs, by }: LinkWish): Promise<MintedLink | undefined> {
  const endsAt = Math.min(deps.clock.now() + ttlMs, preview.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
  const expiresAt = new Date(Math.floor(endsAt / 1000) * 1000);
  const claims = { keyId: deps.keys.currentId, linkId: deps.ids.link(), expiresAt: expiresAt.getTime() };
  const minted = printLink(deps, preview, claims);
  const { arrived } = deps.arrivals.expect(claims.linkId);
  const { id: previewId, launchId, port } = preview;
  const { keyId, linkId: id } = claims;
  const { gated } = minted;
  const tokenHash = hashOf(minted.token);
  const record = { id, previewId, launchId, port, keyId, expiresAt, tokenHash, gated, ...labelOf(preview) };
  const link = await deps.db.links.insert(record, by);
  if (link === undefined) return undefined;
  await arrived;
  return minted;
}

/** A token is a function of its claims and key; after a change of key or domain it can no longer be told. */
export function linkAgain(
  deps: Pick<Deps, "keys" | "gateway">,
  { sandboxId }: Pick<PreviewRecord, "sandboxId">,
  link: LinkRecord,
): MintedLink | undefined {
  if (!deps.keys.secrets.has(link.keyId)) return undefined;
  const claims = { keyId: link.keyId, linkId: link.id, expiresAt: link.expiresAt.getTime() };
  const printed = printLink(deps, { sandboxId, port: link.port, signed: !link.gated }, claims);
  return hashOf(printed.token) === link.tokenHash ? printed : undefined;
}

function labelOf({ label }: Bound): { readonly label?: string } {
  return label === undefined ? {} : { label };
}

function printLink(
  { keys, gateway }: Pick<Deps, "keys" | "gateway">,
  { signed, port, sandboxId }: Pick<Bound, "signed" | "port" | "sandboxId">,
  claims: TokenClaims,
): MintedLink {
  const { domain } = gateway;
  const scope: TokenScope = signed ? { domain, port } : gatedScope({ domain, port, sandboxId });
  const token = mintToken(keys, scope, claims);
  const host = signed ? printSignedHost({ port, token }, domain) : printGatedHost({ port, sandboxId }, domain);
  return { id: claims.linkId, port, token, host, gated: !signed, expiresAt: new Date(claims.expiresAt) };
}
