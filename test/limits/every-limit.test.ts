import { afterEach, expect, test } from "vitest";
import { connect } from "../../src/db/target.ts";
import { PreviewError } from "../../src/errors.ts";
import type { GatewayOptions } from "../../src/gateway/gateway.ts";
import { startInput } from "../../src/preview/contract.ts";
import type { PreviewLimits } from "../../src/preview/limits.ts";
import { requestTo, startPreview } from "../gateway/support/fixture.ts";
import type { Preview } from "../gateway/support/fixture.ts";
import { domain } from "../gateway/support/harness.ts";
import { ok } from "../gateway/support/scripted-upstream.ts";
import { openPlaneUnderTest, server } from "../preview/support/plane-under-test.ts";
import type { PlaneUnderTest } from "../preview/support/plane-under-test.ts";
import { until } from "../support/until.ts";

/** What came of one more: nothing is said of what is allowed, and a refusal is its words. */
type Outcome = "allowed" | { readonly refusal: string };

interface Limited {
  /** One more, which the limit of two admits twice. */
  take(): Promise<Outcome>;
  /** Makes room for one. */
  free(): Promise<void>;
}

interface Row {
  /** As settings and metrics name it. */
  readonly limit: string;
  readonly open: () => Promise<Limited>;
  readonly names: string;
  readonly frees: string;
}

const stopOne = "Stop a preview that nobody needs";
const rows: readonly Row[] = [
  { limit: "limitSessionPreviews", open: starts("session"), names: "2 live previews of this session", frees: stopOne },
  { limit: "limitUserPreviews", open: starts("user"), names: "2 live previews of one user", frees: stopOne },
  { limit: "limitProjectPreviews", open: starts("project"), names: "2 live previews of one project", frees: stopOne },
  { limit: "limitOrgPreviews", open: starts("org"), names: "2 live previews of one org", frees: stopOne },
  { limit: "limitPlanePreviews", open: starts("plane"), names: "2 live previews of this plane", frees: stopOne },
  {
    limit: "limitStartsPerMinute",
    open: starts("startsPerMinute"),
    names: "2 starts of one user in a minute",
    frees: "Wait a minute",
  },
  {
    limit: "limitPreviewConnections",
    open: () => visits({ limits: { connectionsPerPreview: 2 } }),
    names: "2 requests and sockets under way, which is the limit",
    frees: "Close a tab",
  },
  {
    limit: "limitAddressConnections, of who comes by itself",
    open: () => visits({ limits: { connectionsPerAddress: 2 } }),
    names: "2 connections to this gateway, which is the limit",
    frees: "Close a tab",
  },
  {
    limit: "limitAddressConnections, of whom a proxy brings",
    open: () =>
      visits({
        limits: { connectionsPerAddress: 2 },
        trustedProxies: [{ address: "127.0.0.1", prefix: 32, family: "ipv4" }],
      }),
    names: "2 connections to this gateway, which is the limit",
    frees: "Close a tab",
  },
  {
    limit: "limitInvalidLinks",
    open: guesses,
    names: "more than 2 links in a minute that do not exist, which is the limit",
    frees: "Wait a minute",
  },
  {
    limit: "limitHeadBytes",
    open: () => heads({ headBytes: 4096 }),
    names: "more than 4096 bytes, which is the limit",
    frees: "Shorten the address, or clear the cookies",
  },
  {
    limit: "limitHeadSeconds",
    open: () => heads({ headSeconds: 1 }),
    names: "within 1 s, which is the limit",
    frees: "Connect again",
  },
];

let plane: PlaneUnderTest | undefined;
afterEach(async () => {
  await plane?.close();
  plane = undefined;
});

test.each(rows)(
  "$limit: at it allowed, over it refused with its value and what frees it, then freed",
  async ({ open, names, frees }) => {
    const limited = await open();
    for (const _ of [1, 2]) expect(await limited.take()).toBe("allowed");
    for (const _ of [1, 2]) {
      const outcome = await limited.take();
      expect(outcome).toEqual({ refusal: expect.stringContaining(names) as string });
      expect(outcome).toEqual({ refusal: expect.stringContaining(frees) as string });
    }
    await limited.free();
    await until("there is room", async () => (await limited.take()) === "allowed");
  },
);

/** Real dev servers of one caller. */
function starts(limit: keyof PreviewLimits) {
  return async (): Promise<Limited> => {
    const opened = (plane = await openPlaneUnderTest({ limits: { [limit]: 2 } }));
    const context = { ...opened.context, sessionId: "session-1" };
    let count = 0;
    const take = async (): Promise<Outcome> => {
      const input = startInput.parse({ name: `p${(count += 1)}`, command: server("well"), waitSeconds: 20 });
      try {
        expect((await opened.useCases.start(context, input)).status).toBe("ready");
        return "allowed";
      } catch (error) {
        if (!(error instanceof PreviewError) || error.code !== "limit_reached") throw error;
        return { refusal: `${error.message} ${error.hint}` };
      }
    };
    const free = async () =>
      limit === "startsPerMinute" ? await passMinute(opened) : void (await opened.stop({ name: "p1" }));
    return { take, free };
  };
}

/** The starts were a minute ago. */
async function passMinute({ db }: PlaneUnderTest): Promise<void> {
  const sql = connect({ connection: db.connection }, { max: 1, applicationName: "test" });
  await sql`update preview_starts set at = at - interval '1 minute'`;
  await sql.end();
}

/** Requests that stay under way. */
async function visits(gateway: Partial<GatewayOptions>): Promise<Limited> {
  const preview = await startPreview(() => {}, { gateway });
  const underWay: { close(): void }[] = [];
  return {
    async take() {
      const { harness, link, upstream } = preview;
      const before = upstream.requests.length;
      const client = await harness.connect();
      client.write(requestTo(link, "/events", "X-Forwarded-For: 203.0.113.7"));
      const seen = await until("it is answered, or on its way", () =>
        client.waiting() === "" ? upstream.requests.length > before && ("forwarded" as const) : ("answered" as const),
      );
      if (seen === "answered") return refusalOf(await client.response(), 429);
      underWay.push(client);
      return "allowed";
    },
    free: async () => underWay[0]?.close(),
  };
}

async function guesses(): Promise<Limited> {
  let now = 1_800_000_000_000;
  const preview = await startPreview(undefined, {
    gateway: { limits: { invalidPerMinute: 2 }, clock: { now: () => now } },
  });
  return {
    async take() {
      const response = await send(preview, `GET / HTTP/1.1\r\nHost: 3000-${"a".repeat(48)}.${domain}\r\n\r\n`);
      return response.status === 404 ? "allowed" : refusalOf(response, 429);
    },
    free: async () => void (now += 60_000),
  };
}

/** Two heads that are as they should be, then others that are too large, or too slow. */
async function heads(limits: NonNullable<GatewayOptions["limits"]>): Promise<Limited> {
  const preview = await startPreview((peer) => peer.write(ok()), { gateway: { limits } });
  const room = (limits.headBytes ?? 4096) - 200;
  let good = true;
  let count = 0;
  return {
    async take() {
      good &&= count < 2;
      count += 1;
      const more = limits.headBytes !== undefined && !good ? 200 : 0;
      const head = requestTo(preview.link, "/", `X-Fill: ${"v".repeat(room - preview.link.name.length + more)}`);
      const slow = limits.headSeconds !== undefined && !good;
      const response = await send(preview, slow ? head.slice(0, -2) : head);
      return response.status === 200 ? "allowed" : refusalOf(response, slow ? 408 : 431);
    },
    async free() {
      good = true;
      count = 0;
    },
  };
}

async function send({ harness }: Preview, head: string) {
  const client = await harness.connect();
  client.write(head);
  const response = await client.response();
  client.close();
  return response;
}

function refusalOf(response: { readonly status: number; readonly body: string }, status: number): Outcome {
  expect(response.status).toBe(status);
  const { message, limit, most } = JSON.parse(response.body) as Record<string, unknown>;
  expect([typeof limit, typeof most]).toEqual(["string", "number"]);
  return { refusal: String(message) };
}
