import { PreviewError } from "../errors.ts";
import type { RequestContext } from "../identity/context.ts";
import { urlInput } from "../preview/contract.ts";
import type { PreviewOutput } from "../preview/contract.ts";
import { requirePreview } from "../preview/find-preview.ts";
import { redactorOf } from "../preview/preview-output.ts";
import { admittedUrl } from "../preview/links/preview-url.ts";
import { projectOf } from "../preview/project-access.ts";
import type { Database } from "../preview/store.ts";
import type { PreviewUseCases } from "../preview/use-cases.ts";
import type { Redact } from "./page-text.ts";

export interface LocatedPage {
  /** With the link's token: it is shown to nobody but the browser. */
  readonly url: string;
  /** Id of its project. */
  readonly owner: string;
  /** Path as it was asked for. */
  readonly path: string;
  /** Knows the values that the caller gave to the dev server, and the link's token. */
  readonly redact: Redact;
}

interface Deps {
  readonly db: Pick<Database, "projects" | "previews">;
  readonly useCases: Pick<PreviewUseCases, "url">;
}

interface Ask {
  readonly context: RequestContext;
  readonly input: { readonly name: string; readonly path: string; readonly waitSeconds: number };
  readonly signal: AbortSignal;
}

/** Where the caller's preview is, once it serves. Throws `preview_not_serving` when it does not in time. */
export async function locatePage({ db, useCases }: Deps, { context, input, signal }: Ask): Promise<LocatedPage> {
  const { name, path, waitSeconds } = input;
  const preview = await useCases.url(context, urlInput.parse({ name, path, waitSeconds }), { signal });
  if (!preview.serving || preview.previewUrl === undefined) throw notServing(preview);
  const project = await projectOf(db, context);
  const record = await requirePreview(db, project.id, { name });
  const { previewUrl, token = "", signed } = preview;
  const url = signed ? previewUrl : admittedUrl(previewUrl, token);
  return { url, owner: project.id, path, redact: redactorOf(record, [token]) };
}

function notServing({ name, status, next }: PreviewOutput): PreviewError {
  return new PreviewError(
    "preview_not_serving",
    `preview ${JSON.stringify(name)} is ${status}: there is no page to open`,
    {
      hint: next,
    },
  );
}
