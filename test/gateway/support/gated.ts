import { randomBytes, randomUUID } from "node:crypto";
import type { GatewayLogin } from "../../../src/gateway/gate/open-login.ts";
import type { NewTicket, Person } from "../../../src/login/contract.ts";
import { printGatedHost } from "../../../src/preview/links/host-name.ts";
import type { NewEvent } from "../../../src/preview/events/events.ts";
import type { LiveSession, Route } from "../../../src/preview/route.ts";
import { gatedScope, mintToken } from "../../../src/preview/links/token.ts";
import { hashOf } from "../../../src/secrets.ts";
import { domain, keys, mintLink } from "./harness.ts";
import type { MintedLink } from "./harness.ts";

export const sandboxId = "local-0123456789";
export const ada: Person = { org: "acme", user: "ada" };

/** A gated link of project `shop` of org `acme`. */
export function mintGatedLink(port: number, overrides: Partial<Route> = {}): MintedLink {
  const linkId = randomBytes(8).toString("hex");
  const expiresAt = overrides.expiresAt ?? Math.floor(Date.now() / 1000) * 1000 + 3_600_000;
  const place = { port, sandboxId: overrides.sandboxId ?? sandboxId };
  const token = mintToken(keys, gatedScope({ domain, ...place }), { keyId: keys.currentId, linkId, expiresAt });
  const { route } = mintLink(port, {
    previewId: randomUUID(),
    ...place,
    linkId,
    expiresAt,
    tokenHash: hashOf(token),
    gated: { org: "acme", project: "shop", guests: [] },
    ...overrides,
  });
  return { route, token, name: printGatedHost(place, domain) };
}

export interface FakeLogin extends GatewayLogin {
  /** Whom the provider lets in next; undefined: it refuses. */
  person: Person | undefined;
  readonly sessions: Map<string, LiveSession>;
  readonly ended: string[];
  /** Refusals on record. */
  readonly recorded: NewEvent[];
}

/** A provider that says who comes, and a store in memory. */
export function fakeLogin(): FakeLogin {
  const tickets = new Map<string, NewTicket>();
  const sessions = new Map<string, LiveSession>();
  const ended: string[] = [];
  const recorded: NewEvent[] = [];
  let logins = 0;
  const login: FakeLogin = {
    person: ada,
    sessions,
    ended,
    recorded,
    events: { record: (event) => void recorded.push(event) },
    authHost: `auth.${domain}`,
    sessionMs: 60_000,
    oidc: {
      begin: async (redirectUri) => {
        const state = `state-${(logins += 1)}`;
        const url = `https://id.test/authorize?state=${state}&redirect_uri=${encodeURIComponent(redirectUri)}`;
        return { url, checks: { state, nonce: "nonce", verifier: "verifier" } };
      },
      finish: async () => login.person,
      endUrl: async () => undefined,
    },
    store: {
      insertSession: async (session) => void sessions.set(session.id, session),
      endSession: async (id) => void ended.push(id),
      listSessions: async () => [],
      endSessions: async () => 0,
      insertTicket: async (ticket) => void tickets.set(ticket.hash, ticket),
      async takeTicket(hash, now) {
        const ticket = tickets.get(hash);
        tickets.delete(hash);
        const session = sessions.get(ticket?.sessionId ?? "");
        return ticket === undefined || session === undefined || ticket.expiresAt <= now
          ? undefined
          : { ...ticket, session };
      },
    },
  };
  return login;
}
