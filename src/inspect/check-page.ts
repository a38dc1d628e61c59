import type { CheckOutput } from "../preview/inspection.ts";
import { fitReport } from "./fit-report.ts";
import type { Inspection } from "./inspector.ts";
import { nextLook } from "./next-look.ts";
import { pageText } from "./page-text.ts";
import { openAndSettle } from "./settle.ts";

const maxTitle = 200;
const maxUrl = 500;
const maxOverlay = 1500;

/** Opens the page and tells what was seen; a page that does not come, or does not stop, is a report like any other. */
export async function checkPage({ page, notes, located, deadline }: Inspection): Promise<CheckOutput> {
  const { facts, loadMs } = await openAndSettle(page, notes, { url: located.url, deadline });
  const { crashed, flooded, omitted, ...seen } = notes.read();
  const shown = (text: string, limit: number) => pageText(text, limit, located.redact);
  const report = fitReport({
    finalUrl: shown(page.url().startsWith("http") ? page.url() : located.url, maxUrl),
    ...seen,
    consoleErrors: [...seen.consoleErrors],
    pageErrors: [...seen.pageErrors],
    failedRequests: [...seen.failedRequests],
    ...(facts !== undefined && { title: shown(facts.title, maxTitle), blank: facts.blank }),
    ...(facts?.overlay !== undefined && { errorOverlay: shown(facts.overlay, maxOverlay) }),
    ...(loadMs !== undefined && { loadMs }),
    ...(omitted > 0 && { omitted }),
  });
  return { ...report, next: nextLook({ report, crashed, flooded }) };
}
