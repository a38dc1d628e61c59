import type { StartInput, UrlInput } from "../contract.ts";
import type { Actor } from "../events/events.ts";
import type { PreviewRecord } from "../record.ts";
import type { Database } from "../store.ts";

/** Gives a preview the frames and guests that a call names; what it does not name stays as it was. */
export async function sharePreview(
  { db }: { readonly db: Pick<Database, "previews"> },
  preview: PreviewRecord,
  { embedOrigins, guests, by }: Pick<StartInput | UrlInput, "embedOrigins" | "guests"> & { readonly by: Actor },
): Promise<PreviewRecord> {
  if (embedOrigins === undefined && guests === undefined) return preview;
  const sharing = {
    ...(embedOrigins && { embedOrigins: unique(embedOrigins) }),
    ...(guests && { guests: unique(guests) }),
  };
  return (await db.previews.share(preview.id, sharing, by)) ?? preview;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
