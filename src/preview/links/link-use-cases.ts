import { PreviewError } from "../../errors.ts";
import type { RequestContext } from "../../identity/context.ts";
import { requireScope } from "../../scopes.ts";
import { actorOf } from "../events/actor.ts";
import type { PreviewDeps } from "../deps.ts";
import type { Told } from "../events/events.ts";
import { requirePreview } from "../find-preview.ts";
import type { LinkOutput, LinkRotation, LinkTarget, RevokedLinks } from "./link-contract.ts";
import { freshLink, linkAgain } from "./links.ts";
import type { MintedLink } from "./links.ts";
import { linkUrl } from "./preview-url.ts";
import { hasLinks } from "../preview-output.ts";
import { projectOf } from "../project-access.ts";
import type { LinkRecord, PreviewRecord } from "../record.ts";

/**
 * The links of a project, seen and ended one by one. To see one is to hold it: listing asks for the scope
 * that every answer with a link asks for. Methods throw `link_not_found` for what is no live link of the project.
 */
export interface LinkUseCases {
  list(context: RequestContext, target: LinkTarget): Promise<LinkOutput[]>;
  /** What is open through it is cut within a second; other links of its preview go on. */
  revoke(context: RequestContext, id: string): Promise<RevokedLinks>;
  /** Every link of a preview, or of the project. */
  revokeAll(context: RequestContext, target: LinkTarget): Promise<RevokedLinks>;
  /** Another one of the same kind and label in its place; throws `preview_not_serving`, and leaves it, where none can be made. */
  rotate(context: RequestContext, id: string, rotation: LinkRotation): Promise<LinkOutput>;
}

export function createLinkUseCases(deps: PreviewDeps): LinkUseCases {
  const { db } = deps;
  return {
    async list(context, target) {
      requireScope(context.principal.scopes, "preview:read");
      const previews = await previewsOf(deps, context, target);
      return (await Promise.all(previews.map((preview) => linksOf(deps, preview)))).flat();
    },
    async revoke(context, id) {
      requireScope(context.principal.scopes, "preview:write");
      await endLink(deps, context, { id });
      return { revoked: 1 };
    },
    async revokeAll(context, target) {
      requireScope(context.principal.scopes, "preview:write");
      const previews = await previewsOf(deps, context, target);
      const counts = await Promise.all(
        previews.map(({ id }) => db.links.revoke(id, { by: actorOf(context.principal) })),
      );
      return { revoked: counts.reduce((sum, count) => sum + count, 0) };
    },
    async rotate(context, id, { ttlSeconds }) {
      requireScope(context.principal.scopes, "preview:write");
      const held = await previewOfLink(deps, context, id);
      if (held !== undefined && !hasLinks(held)) throw notServing(`link ${id} stays as it is: its preview serves none`);
      const { previewId, port, gated, label } = await endLink(deps, context, { id, cause: "rotate" });
      const preview = await db.previews.byId(previewId);
      const kind = { signed: !gated, ...(label === undefined ? {} : { label }) };
      const ttlMs = ttlSeconds === undefined ? deps.settings.linkTtlMs : ttlSeconds * 1000;
      if (preview === undefined || !hasLinks(preview))
        throw notServing(`link ${id} is revoked: its preview ended meanwhile, and serves none in its place`);
      const minted = await freshLink(deps, { ...preview, port, ...kind }, { ttlMs, by: actorOf(context.principal) });
      if (minted === undefined)
        throw notServing(`link ${id} is revoked: its preview ended meanwhile, and serves none in its place`);
      return outputOf(deps, preview, { ...minted, createdAt: new Date(deps.clock.now()), ...kind, minted });
    },
  };
}

async function previewsOf(deps: PreviewDeps, context: RequestContext, { name }: LinkTarget): Promise<PreviewRecord[]> {
  const project = await projectOf(deps.db, context);
  if (name === undefined) return await deps.db.previews.list(project.id, { includeStopped: false });
  return [await requirePreview(deps.db, project.id, { name })];
}

async function previewOfLink(
  deps: PreviewDeps,
  context: RequestContext,
  linkId: string,
): Promise<PreviewRecord | undefined> {
  const now = new Date(deps.clock.now());
  for (const preview of await previewsOf(deps, context, {})) {
    const links = await deps.db.links.list(preview, now);
    if (links.some(({ id }) => id === linkId)) return preview;
  }
  return undefined;
}

async function linksOf(deps: PreviewDeps, preview: PreviewRecord): Promise<LinkOutput[]> {
  const links = await deps.db.links.list(preview, new Date(deps.clock.now()));
  return links.map((link) => {
    const minted = linkAgain(deps, preview, link);
    return outputOf(deps, preview, { ...link, signed: !link.gated, ...(minted === undefined ? {} : { minted }) });
  });
}

async function endLink(
  deps: PreviewDeps,
  context: RequestContext,
  { id, ...told }: { readonly id: string } & Pick<Told, "cause">,
): Promise<LinkRecord> {
  const project = await projectOf(deps.db, context);
  const link = await deps.db.links.revokeOne(project.id, id, { ...told, by: actorOf(context.principal) });
  if (link !== undefined) return link;
  throw new PreviewError("link_not_found", `this project has no live link ${id}`, {
    hint: "`dev-preview link list`, or GET /v1/links, shows them; one that has ended is not listed.",
  });
}

type Shown = Pick<LinkRecord, "id" | "port" | "expiresAt" | "createdAt" | "label"> & {
  readonly signed: boolean;
  readonly minted?: MintedLink;
};

function outputOf(deps: PreviewDeps, { name, embedOrigins, guests }: PreviewRecord, link: Shown): LinkOutput {
  const { id, label, signed, port, expiresAt, createdAt, minted } = link;
  return {
    id,
    name,
    ...(label === undefined ? {} : { label }),
    signed,
    ...(minted === undefined ? {} : { previewUrl: linkUrl(deps.gateway, minted), token: minted.token }),
    port,
    expiresAt: expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
    ...(embedOrigins.length === 0 ? {} : { embedOrigins: [...embedOrigins] }),
    ...(signed || guests.length === 0 ? {} : { guests: [...guests] }),
  };
}

function notServing(message: string): PreviewError {
  return new PreviewError("preview_not_serving", message, {
    hint: "Start the preview, then ask for its URL.",
  });
}
