import { isLive } from "../record.ts";
import type { PreviewRecord } from "../record.ts";

/** The order of lists: what runs before what ended, what a person looks at before what it calls; else as it was. */
export function frontEndFirst(previews: readonly PreviewRecord[]): PreviewRecord[] {
  return previews.toSorted((a, b) => Number(isLive(b)) - Number(isLive(a)) || rankOf(a) - rankOf(b));
}

function rankOf({ name, servesHtml }: PreviewRecord): number {
  if (name === "web") return 0;
  return servesHtml === true ? 1 : 2;
}
