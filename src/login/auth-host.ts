import * as z from "zod";
import type { LiveSession } from "../preview/route.ts";
import { printCookie, readCookie } from "./cookies.ts";
import type { CookieKind } from "./cookies.ts";
import type { DoorAnswer, DoorRequest } from "./contract.ts";
import type { LoginDeps } from "./door.ts";
import { doorPages, redirect, withCookies } from "./door-pages.ts";
import { authUrl, doorUrl, enterUrl, handOverUrl } from "./door-urls.ts";
import { mayPass } from "./membership.ts";
import { recordRefusal } from "./record-refusal.ts";
import { seal, unseal } from "./seal.ts";
import { printTicket } from "./ticket.ts";
import { createUsedFlows } from "./used-flows.ts";
import type { UsedFlows } from "./used-flows.ts";
import { openWish, wishFields } from "./wish.ts";
import type { Wish } from "./wish.ts";
import { hashOf, isSecret, newSecret } from "../secrets.ts";

const ticketMs = 60_000;
/** Time to type a password. */
const flowMs = 10 * 60_000;

const flow = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  ...wishFields,
  expiresAt: z.number(),
});

type Headers = DoorRequest["headers"];

/** The one host at which people log in and out, for every preview. */
export function createAuthHost(door: LoginDeps): (request: DoorRequest) => Promise<DoorAnswer> {
  const deps = { ...door, used: createUsedFlows(door.clock) };
  const routes: Readonly<Record<string, readonly [string, (request: DoorRequest, url: URL) => Promise<DoorAnswer>]>> = {
    "/": ["GET", async ({ headers }) => (sessionOf(deps, headers) ? doorPages.loggedIn : doorPages.loggedOut)],
    "/login": ["GET", ({ headers }, url) => login(deps, headers, url)],
    "/callback": ["GET", ({ headers }, url) => finish(deps, headers, url)],
    "/logout": ["POST", ({ headers }) => logout(deps, headers)],
  };
  return async (request) => {
    const url = doorUrl(request.target);
    const [method, handle] = Object.hasOwn(routes, url.pathname) ? (routes[url.pathname] ?? []) : [];
    if (handle === undefined) return doorPages.notFound;
    return request.method === method ? await handle(request, url) : doorPages.wrongMethod;
  };
}

/** Who is logged in already gets a ticket at once; everybody else goes to the provider. */
async function login(deps: LoginDeps, headers: Headers, url: URL): Promise<DoorAnswer> {
  const { clock, keys, oidc, address } = deps;
  const wish = openWish(keys, url.searchParams.get("wish") ?? "", clock.now());
  if (wish === undefined) return doorPages.badLogin;
  const session = sessionOf(deps, headers);
  if (session !== undefined) return await admit(deps, session, wish);
  const { url: providerUrl, checks } = await oidc.begin(authUrl(address, "/callback"));
  const sealed = seal(keys, "flow", { ...checks, ...wish, expiresAt: clock.now() + flowMs });
  return redirect(providerUrl, [cookie(deps, flowKind(checks.state), sealed, flowMs)]);
}

/**
 * The provider's answer counts only in the browser that was sent there: its state must be the one in
 * this browser's cookie. An answer that somebody else obtained logs nobody in.
 */
async function finish(deps: LoginDeps & { readonly used: UsedFlows }, headers: Headers, url: URL): Promise<DoorAnswer> {
  const { keys, clock, oidc, store, sessions, address, sessionMs } = deps;
  const state = url.searchParams.get("state") ?? "";
  const sealed = readCookie(headers["cookie"], flowKind(state), address.scheme);
  const { data: begun } = flow.safeParse(sealed === undefined ? undefined : unseal(keys, "flow", sealed));
  if (begun === undefined || begun.expiresAt <= clock.now() || state !== begun.state) return doorPages.otherBrowser;
  const over = cookie(deps, flowKind(state), "", 0);
  if (!deps.used.isFirstUse(state, begun.expiresAt)) return withCookies(doorPages.otherBrowser, [over]);
  const person = await oidc.finish(new URL(authUrl(address, url.pathname + url.search)), begun);
  if (person === undefined) {
    recordRefusal(deps, begun, { code: "provider" });
    return withCookies(doorPages.refused, [over]);
  }
  const secret = newSecret();
  const session = { id: hashOf(secret), ...person, expiresAt: clock.now() + sessionMs };
  await store.insertSession(session);
  sessions.add(session);
  deps.logger.info({ event: "login", org: person.org, user: person.user }, "logged in");
  return withCookies(await admit(deps, session, begun), [over, cookie(deps, "session", secret, sessionMs)]);
}

/** Asked again when the ticket is redeemed, and by the gateway at each request. */
async function admit(deps: LoginDeps, session: LiveSession, wish: Wish): Promise<DoorAnswer> {
  const { sandboxId, port, path, browserHash, inFrame } = wish;
  const preview = deps.previewAt(wish);
  if (preview === undefined || !mayPass(session, preview.gated)) {
    recordRefusal(deps, wish, { code: "not_member", session });
    return doorPages.notYours;
  }
  if (inFrame && !preview.embeddable) return doorPages.notYours;
  const secret = newSecret();
  const expiresAt = deps.clock.now() + ticketMs;
  await deps.store.insertTicket({
    hash: hashOf(secret),
    sessionId: session.id,
    sandboxId,
    port,
    path,
    browserHash,
    expiresAt: new Date(expiresAt),
  });
  const ticket = printTicket(deps.keys, { secret, sandboxId, port, browserHash, expiresAt });
  return redirect((inFrame ? handOverUrl : enterUrl)(deps.address, wish, ticket));
}

/** Only the login's own page may log somebody out. */
async function logout(deps: LoginDeps, headers: Headers): Promise<DoorAnswer> {
  const { store, sessions, address, oidc } = deps;
  if (headers["origin"] !== new URL(authUrl(address, "/")).origin) return doorPages.foreign;
  const session = sessionOf(deps, headers);
  if (session !== undefined) {
    await store.endSession(session.id);
    sessions.apply({ ids: [session.id], sessions: [] });
    deps.logger.info({ event: "logout", org: session.org, user: session.user }, "logged out");
  }
  // our own session has ended, whatever becomes of the provider's
  const next = await oidc.endUrl(authUrl(address, "/")).catch(() => undefined);
  return redirect(next ?? authUrl(address, "/"), [cookie(deps, "session", "", 0)]);
}

function sessionOf({ sessions, address }: LoginDeps, headers: Headers): LiveSession | undefined {
  const secret = readCookie(headers["cookie"], "session", address.scheme);
  return isSecret(secret) ? sessions.get(hashOf(secret)) : undefined;
}

/** Tabs that log in at the same time do not end each other's way. */
function flowKind(state: string): CookieKind {
  return `flow-${hashOf(state).slice(0, 16)}`;
}

function cookie({ address }: LoginDeps, kind: CookieKind, value: string, lifeMs: number): string {
  return printCookie(kind, value, { scheme: address.scheme, maxAgeSeconds: Math.ceil(lifeMs / 1000) });
}
