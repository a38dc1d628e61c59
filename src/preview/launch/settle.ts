import type { PreviewDeps } from "../deps.ts";
import { isSameTrouble } from "../problem.ts";
import type { Problem } from "../problem.ts";
import type { PreviewRecord } from "../record.ts";

/** Without a change event the row is read again after this long: events are a hint, the row is the truth. */
const recheckMs = 1000;

/**
 * Waits until the preview, which was read just now, leaves `starting`, or until it is known why it does
 * not: by other problems than the caller has `seen`. At most until `deadline` (ms since the epoch);
 * returns the preview as it then is, undefined when it was deleted. An aborted wait ends early.
 */
export function awaitNews(
  deps: Deps,
  known: PreviewRecord,
  { seen, ...wait }: Wait & { readonly seen: readonly Problem[] },
): Promise<PreviewRecord | undefined> {
  let old = seen;
  const isNews = ({ state, problems }: PreviewRecord): boolean => {
    if (state !== "starting") return true;
    // a watcher started the server again: should it fail as before, that is news
    if (problems.length === 0) old = problems;
    return !isSameTrouble(problems, old);
  };
  return awaitPreview(deps, known, isNews, wait);
}

type Deps = Pick<PreviewDeps, "db" | "clock">;
interface Wait {
  readonly deadline: number;
  readonly signal?: AbortSignal;
}

/** The same for any condition, and nothing else. */
export async function awaitPreview(
  deps: Deps,
  known: PreviewRecord,
  holds: (preview: PreviewRecord) => boolean,
  wait: Wait,
): Promise<PreviewRecord | undefined> {
  if (holds(known)) return known;
  const changes = changesOf(deps, known.id);
  try {
    for (;;) {
      const preview = await deps.db.previews.byId(known.id);
      const leftMs = wait.deadline - deps.clock.now();
      const settled = preview === undefined || holds(preview);
      if (settled || leftMs <= 0 || wait.signal?.aborted === true) return preview;
      await changes.next(Math.min(leftMs, recheckMs), wait.signal);
    }
  } finally {
    changes.close();
  }
}

interface Changes {
  next(timeoutMs: number, signal?: AbortSignal): Promise<void>;
  close(): void;
}

function changesOf(deps: Pick<PreviewDeps, "db">, previewId: string): Changes {
  let pending = false;
  let wake: (() => void) | undefined;
  const close = deps.db.onPreviewChange((id) => {
    if (id !== previewId) return;
    pending = true;
    wake?.();
  });
  return {
    close,
    async next(timeoutMs, signal) {
      if (!pending) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          signal?.addEventListener("abort", () => resolve(), { once: true });
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      pending = false;
    },
  };
}
