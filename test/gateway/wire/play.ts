import { expect } from "vitest";
import type { RawHead } from "../support/raw-client.ts";
import type { Script } from "../support/scripted-upstream.ts";
import type { Answer, Ask, Field, Place, PlaceOptions } from "./front.ts";
import type { Play } from "./row.ts";

/** What a client must get. */
export interface ExpectedAnswer {
  /** Default 200. */
  readonly status?: number;
  /** Of an answer of the gateway's own. */
  readonly previewStatus?: string;
  readonly body?: string;
  /** Each name with all of its values, in order. */
  readonly has?: readonly Field[];
  readonly lacks?: readonly string[];
  /** All of them. */
  readonly trailers?: readonly Field[];
  /** All of them: status, and headers if these matter. */
  readonly information?: readonly (readonly [status: number, ...fields: Field[]])[];
  /** Default true. */
  readonly whole?: boolean;
}

/** What the app must get; absent: it is of no interest. */
export interface ExpectedRequest {
  readonly line?: string;
  readonly has?: readonly Field[];
  readonly lacks?: readonly string[];
}

export interface Exchange extends PlaceOptions {
  readonly ask?: Ask;
  /** Default: 200 with `ok`; a text is said as it is, with its places filled in. */
  readonly app?: Script | string;
  readonly answer?: ExpectedAnswer;
  readonly asked?: ExpectedRequest;
}

/** One request and its answer. */
export function exchange({ ask, app, answer = {}, asked, ...options }: Exchange): Play {
  return async (front) => {
    const place = await front.start(typeof app === "string" ? undefined : app, options);
    if (typeof app === "string") place.upstream.script((peer) => peer.write(place.fill(app)));
    const line = await place.connect();
    expectAnswer(await line.ask(ask).answer(), answer, place);
    if (asked !== undefined) expectRequest(place, asked);
  };
}

/** One after another, each with a gateway of its own. */
export function each<T>(cases: readonly T[], play: (one: T) => Play): Play {
  return async (front) => {
    for (const one of cases) await play(one)(front);
  };
}

export const all = (...plays: readonly Play[]): Play => each(plays, (play) => play);

/** Waits until nothing is left of what it counts: an end of the gateway's may linger for two seconds. */
export async function untilNone(count: () => number): Promise<void> {
  await expect.poll(count, { interval: 5 }).toBe(0);
}

export function expectAnswer(got: Answer, expected: ExpectedAnswer, place: Pick<Place, "fill">): void {
  const { status = 200, whole = true, body, trailers, information, previewStatus } = expected;
  expect([got.status, got.whole], got.body).toEqual([status, whole]);
  if (body !== undefined) expect(got.body).toBe(body);
  expectFields(got, expected, place);
  if (trailers !== undefined) expect(lowered(got.trailers)).toEqual(lowered(trailers));
  if (previewStatus !== undefined) expect(got.header("x-preview-status")).toBe(previewStatus);
  if (information === undefined) return;
  expect(got.information.map(({ status }) => status)).toEqual(information.map(([status]) => status));
  for (const [at, [, ...fields]] of information.entries())
    if (fields.length > 0) expect(lowered(got.information[at]!.headers)).toEqual(lowered(fields));
}

export function expectRequest({ upstream, fill }: Place, { line, ...fields }: ExpectedRequest): void {
  const [request] = upstream.requests;
  if (line !== undefined) expect(request?.line).toBe(line);
  expectFields(request!, fields, { fill });
}

function expectFields(
  head: Pick<RawHead, "headerAll">,
  { has = [], lacks = [] }: Pick<ExpectedAnswer, "has" | "lacks">,
  { fill }: Pick<Place, "fill">,
): void {
  for (const name of new Set(has.map(([name]) => name))) {
    const wanted = has.filter(([other]) => other === name).map(([, value]) => fill(value));
    expect(head.headerAll(name), name).toEqual(wanted);
  }
  for (const name of lacks) expect(head.headerAll(name), name).toEqual([]);
}

function lowered(fields: readonly Field[]): Field[] {
  return fields.map(([name, value]) => [name.toLowerCase(), value]);
}
