import { describe, expect, test } from "vitest";
import { closing } from "./support/fixture.ts";
import { mintLink, startGateway } from "./support/harness.ts";
import type { RawClient } from "./support/raw-client.ts";
import { startRecordingUpstream } from "./support/recording-upstream.ts";
import type { RecordedRequest, RecordingUpstream } from "./support/recording-upstream.ts";
import { smugglingCorpus } from "./support/smuggling-corpus.ts";
import type { Arrival, WireCase } from "./support/smuggling-corpus.ts";

/** Behind every case, on its connection. */
const nextLine = "GET /next HTTP/1.1";
/** On a connection of its own, when a case is through. */
const lastLine = "GET /last HTTP/1.1";

async function open() {
  const upstream = closing(await startRecordingUpstream());
  const link = mintLink(upstream.port);
  const harness = closing(await startGateway([link.route]));
  const requestOf = (line: string) => `${line}\r\nHost: ${link.name}\r\n\r\n`;
  return { upstream, harness, link, requestOf };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** Sends a case and the next request, and returns what the client was told, once nothing more can come. */
async function send({ harness, link, requestOf, upstream }: Opened, wire: WireCase): Promise<string> {
  const client = await harness.connect();
  // the gateway may have refused and closed while the rest is still being written
  client.socket.on("error", () => {});
  const sent = wire.sent.replaceAll("{host}", link.name);
  client.write(nextOf(wire) === "unsent" ? sent : sent + requestOf(nextLine));
  await settled(client, upstream, wire);
  const told = client.waiting();
  client.close();
  const last = await harness.connect();
  last.write(requestOf(lastLine));
  await last.response();
  return told;
}

/** The connection ended, or its next request was served; one that swallowed it is at least on its way. */
async function settled(client: RawClient, upstream: RecordingUpstream, wire: WireCase): Promise<void> {
  const next = nextOf(wire);
  if (next === "refused" || next === "unsent") return await client.ended();
  const lines = () => upstream.whole.map(({ line }) => line);
  if (next === "served") await expect.poll(() => lines(), { timeout: 10_000 }).toContain(nextLine);
  else await expect.poll(() => upstream.begun(), { timeout: 10_000 }).toBe(1);
}

function nextOf({ next, arrives }: WireCase): NonNullable<WireCase["next"]> {
  return next ?? (arrives === undefined ? "refused" : "served");
}

function expectArrival(seen: RecordedRequest, { line, body = "", has = [], lacks = [] }: Arrival): void {
  expect([seen.line, seen.body]).toEqual([line, body]);
  for (const wanted of has) expect(withStart(seen, wanted), wanted).not.toEqual([]);
  for (const unwanted of lacks) expect(withStart(seen, unwanted), unwanted).toEqual([]);
}

/** `name`, or `name: value`. */
function withStart({ fields }: RecordedRequest, start: string): string[] {
  return fields.filter((field) => field.startsWith(start.includes(":") ? start : `${start}:`));
}

describe.each(Object.entries(smugglingCorpus))("a request %s", (_group, cases) => {
  test.each(cases)("$title brings nothing to the app that was not sent", async (wire) => {
    const opened = await open();
    const { upstream } = opened;
    const told = await send(opened, wire);
    expect(upstream.malformed).toEqual([]);
    const { arrives = [], status, breaksOff = false } = wire;
    const served = nextOf(wire) === "served" ? [{ line: nextLine }] : [];
    const due: readonly Arrival[] = [...arrives, ...served, { line: lastLine }];
    expect(upstream.whole.map(({ line }) => line)).toEqual(due.map(({ line }) => line));
    for (const [at, arrival] of due.entries()) expectArrival(upstream.whole[at]!, arrival);
    expect(upstream.begun() - upstream.whole.length).toBeLessThanOrEqual(breaksOff ? 1 : 0);
    if (status !== undefined) expect(told).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    // what is not served is told in our own words, or by closing
    if (arrives.length === 0) expect(told).not.toMatch(/^HTTP\/1\.1 [123]/);
  });
});
