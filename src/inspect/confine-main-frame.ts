import type { CDPSession } from "playwright-core";
import type { PageOptions } from "./browser.ts";

/**
 * Keeps the main frame at one origin: every navigation of it is held before it leaves the browser,
 * redirects too, and given up when it leads elsewhere. The page that was there stays; a report or
 * an image can only be of the preview itself. Frames inside of the page go where they like, within
 * what the proxy lets through.
 */
export async function confineMainFrame(session: CDPSession, { origin, onEvent }: PageOptions): Promise<void> {
  const { frameTree } = await session.send("Page.getFrameTree");
  const mainFrame = frameTree.frame.id;
  session.on("Fetch.requestPaused", ({ requestId, frameId, request }) => {
    const leaves = frameId === mainFrame && originOf(request.url) !== origin;
    if (leaves) onEvent({ kind: "failed", url: request.url, error: "blocked: the page may not leave the preview" });
    const answer = leaves
      ? session.send("Fetch.failRequest", { requestId, errorReason: "Aborted" })
      : session.send("Fetch.continueRequest", { requestId });
    // the request, or the page, may be gone already
    answer.catch(() => undefined);
  });
  // nobody is there to log in: the page that the server sends along is shown
  session.on("Fetch.authRequired", ({ requestId }) => {
    session
      .send("Fetch.continueWithAuth", { requestId, authChallengeResponse: { response: "CancelAuth" } })
      .catch(() => undefined);
  });
  await session.send("Fetch.enable", {
    patterns: [{ resourceType: "Document", requestStage: "Request" }],
    handleAuthRequests: true,
  });
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}
