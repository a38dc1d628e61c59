import type { GatedPlace } from "../../login/contract.ts";
import { printCookie, readCookie } from "../../login/cookies.ts";
import type { CookieKind } from "../../login/cookies.ts";
import { loginUrl } from "../../login/door-urls.ts";
import { returnPath } from "../../login/return-path.ts";
import { sealWish } from "../../login/wish.ts";
import { hashOf, isSecret, newSecret } from "../../secrets.ts";
import { answers, frameLogin, seeOther } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import { asksForDocument } from "../answers/asks-for-document.ts";
import type { GateRequest, GateWorld } from "./gate-world.ts";
import { isFrame, refererOrigin } from "./in-frame.ts";

interface Refused {
  readonly request: GateRequest;
  readonly answer: Answer;
}

/** 303 for a person who navigates, a page that opens the login for a frame that may be there, else the answer with its reason. */
export function withoutPass(world: GateWorld, place: GatedPlace, refused: Refused): Answer {
  const { request, answer } = refused;
  if (answer.status !== 401) return answer;
  if (isNavigation(request)) {
    const { url, cookie } = beginLogin(world, place, { request, kind: "browser" });
    return seeOther(url, cookie);
  }
  const ancestors = isFrame(request) ? framesOf(world, place, refused) : [];
  if (ancestors.length === 0) return answer;
  const { url, cookie } = beginLogin(world, place, { request, kind: "frame-browser" });
  return frameLogin({ url, cookie, ancestors });
}

/**
 * Who may show the place in a frame, told to nobody else: the page around the frame is one of them, or
 * the visitor was in before.
 */
function framesOf({ routes }: GateWorld, place: GatedPlace, { request, answer }: Refused): readonly string[] {
  const { embedOrigins = [] } = routes.gatedAt(place) ?? {};
  const around = refererOrigin(request);
  const isKnown = answer === answers.sessionEnded || (around !== undefined && embedOrigins.includes(around));
  return isKnown ? embedOrigins : [];
}

const browserSeconds = 3600;

function beginLogin(
  { address, keys, clock }: GateWorld,
  place: GatedPlace,
  { request, kind }: { readonly request: GateRequest; readonly kind: CookieKind & ("browser" | "frame-browser") },
): { readonly url: string; readonly cookie: string } {
  const known = readCookie(request.headers["cookie"], kind, address.scheme);
  const browser = isSecret(known) ? known : newSecret();
  const inFrame = kind === "frame-browser";
  const wish = { ...place, path: returnPath(request.target), browserHash: hashOf(browser), inFrame };
  const cookie = printCookie(kind, browser, { scheme: address.scheme, maxAgeSeconds: browserSeconds });
  return { url: loginUrl(address, sealWish(keys, wish, clock.now() + browserSeconds * 1000)), cookie };
}

function isNavigation({ method, headers, upgrade }: GateRequest): boolean {
  if (upgrade || (method !== "GET" && method !== "HEAD") || !asksForDocument(headers)) return false;
  return headers["sec-fetch-dest"] === undefined || headers["sec-fetch-dest"] === "document";
}
