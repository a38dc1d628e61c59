import { readCookie, printCookie } from "./cookies.ts";
import type { DoorAnswer, DoorRequest, GatedPlace } from "./contract.ts";
import type { LoginDeps } from "./door.ts";
import { doorPages, redirect } from "./door-pages.ts";
import { doorUrl, enterPath, gatedOrigin, handOverPath } from "./door-urls.ts";
import { mayPass } from "./membership.ts";
import { recordRefusal } from "./record-refusal.ts";
import { hashOf, isSecret } from "../secrets.ts";
import { readTicket } from "./ticket.ts";
import { printVisit } from "./visit.ts";

/**
 * The reserved path of a gated host: a ticket of the login becomes the cookie of this host, once. Only the
 * browser that was sent to the login may redeem it: who is handed somebody else's ticket does not end up in
 * that one's session. The store is asked for nothing that a plane did not seal, nor by another browser.
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
    const browser = readCookie(headers["cookie"], inFrame ? "frame-browser" : "browser", scheme);
    const shown = readTicket(keys, searchParams.get("ticket") ?? "", clock.now());
    const isTheirs =
      shown !== undefined && isFor(shown, place) && isSecret(browser) && hashOf(browser) === shown.browserHash;
    const ticket = isTheirs ? await store.takeTicket(hashOf(shown.secret), new Date(clock.now())) : undefined;
    if (ticket === undefined) {
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

function isFor(ticket: GatedPlace, place: GatedPlace): boolean {
  return ticket.sandboxId === place.sandboxId && ticket.port === place.port;
}
