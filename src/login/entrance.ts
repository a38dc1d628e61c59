import { readCookie, printCookie } from "./cookies.ts";
import type { DoorAnswer, DoorRequest, GatedPlace } from "./contract.ts";
import type { LoginDeps } from "./door.ts";
import { doorPages, redirect } from "./door-pages.ts";
import { doorUrl, enterPath, gatedOrigin, handOverPath } from "./door-urls.ts";
import { mayPass } from "./membership.ts";
import { recordRefusal } from "./record-refusal.ts";
import { hashOf, isSecret } from "../secrets.ts";
import { printVisit } from "./visit.ts";

/**
 * The reserved path of a gated host: a ticket of the login becomes the cookie of this host. The ticket
 * is gone whatever follows, and only the browser that was sent to the login may redeem it: who is
 * handed somebody else's ticket does not end up in that one's session.
 */
export function createEntrance(deps: LoginDeps): (request: DoorRequest, place: GatedPlace) => Promise<DoorAnswer> {
  const { store, sessions, keys, clock, address } = deps;
  const { scheme } = address;
  return async ({ method, target, headers }, place) => {
    const { pathname, searchParams } = doorUrl(target);
    if (pathname !== enterPath && pathname !== handOverPath) return doorPages.notFound;
    if (method !== "GET") return doorPages.wrongMethod;
    if (pathname === handOverPath) return doorPages.handOver;
    const inFrame = headers["sec-fetch-dest"] === "iframe";
    const secret = searchParams.get("ticket") ?? undefined;
    const ticket = isSecret(secret) ? await store.takeTicket(hashOf(secret), new Date(clock.now())) : undefined;
    const browser = readCookie(headers["cookie"], inFrame ? "frame-browser" : "browser", scheme);
    const isTheirs = ticket !== undefined && isSecret(browser) && hashOf(browser) === ticket.browserHash;
    if (!isTheirs || ticket.sandboxId !== place.sandboxId || ticket.port !== place.port) {
      recordRefusal(deps, place, { code: "ticket" });
      return doorPages.spent;
    }
    const { session } = ticket;
    const preview = deps.previewAt(place);
    if (preview === undefined || !mayPass(session, preview.gated)) return doorPages.notFound;
    if (inFrame && !preview.embeddable) return doorPages.notFound;
    sessions.add(session);
    const { expiresAt, user } = session;
    const { previewId } = preview;
    const visit = printVisit(keys, { by: "member", sessionId: session.id, user, previewId, ...place, expiresAt });
    const maxAgeSeconds = Math.max(1, Math.floor((expiresAt - clock.now()) / 1000));
    return redirect(`${gatedOrigin(address, place)}${ticket.path}`, [
      printCookie(inFrame ? "frame-visit" : "visit", visit, { scheme, maxAgeSeconds }),
    ]);
  };
}
