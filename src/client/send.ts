import type * as z from "zod";
import { PreviewError } from "../errors.ts";
import { problemDetails } from "../api/problem-details.ts";

export interface PlaneAddress {
  /** Of the control listener, e.g. `http://127.0.0.1:4780`. */
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PlaneCall {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A plane of a later version may know codes that we do not. */
const receivedProblem = problemDetails.extend({ code: problemDetails.shape.code.catch("internal") });

/**
 * Sends one call; the answer is a success. Throws the plane's own error with its code and hint,
 * `plane_unreachable` when nothing that speaks /v1 answers, `cancelled` when the signal fired.
 */
export async function send(plane: PlaneAddress, call: PlaneCall): Promise<Response> {
  const answer = await attempt(plane, call.signal, () => plane.fetch(urlOf(plane, call), requestInit(plane, call)));
  if (answer.ok) return answer;
  throw errorOf(plane, answer.status, await attempt(plane, call.signal, () => answer.text()));
}

/** Sends one call and parses its JSON answer. */
export async function sendForJson<Output>(plane: PlaneAddress, schema: z.ZodType<Output>, call: PlaneCall) {
  const answer = await send(plane, call);
  return parseAnswer(plane, schema, await attempt(plane, call.signal, () => answer.text()));
}

/** Parses text that the plane sent; anything else than JSON of this shape comes from something that is no plane. */
export function parseAnswer<Output>(plane: PlaneAddress, schema: z.ZodType<Output>, text: string): Output {
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw unreachable(plane, "answered with something that this client does not understand", parsed.error);
}

/** Runs one step of the exchange; network failures become `plane_unreachable`, an abort `cancelled`. */
export async function attempt<Result>(
  plane: PlaneAddress,
  signal: AbortSignal | undefined,
  step: () => Promise<Result>,
): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof PreviewError) throw error;
    if (signal?.aborted === true)
      throw new PreviewError("cancelled", "the call was cancelled", {
        hint: "What it started goes on; call again to wait for it.",
        cause: error,
      });
    throw unreachable(plane, "does not answer", error);
  }
}

export function unreachable(plane: PlaneAddress, what: string, cause?: unknown): PreviewError {
  return new PreviewError("plane_unreachable", `the plane at ${plane.url} ${what}`, {
    hint: "Try again; `dev-preview doctor` shows what is wrong.",
    cause,
  });
}

function urlOf(plane: PlaneAddress, call: PlaneCall): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) if (value !== undefined) query.set(name, String(value));
  const search = query.size === 0 ? "" : `?${query.toString()}`;
  return plane.url.replace(/\/+$/, "") + call.path + search;
}

function requestInit(plane: PlaneAddress, call: PlaneCall): RequestInit {
  return {
    method: call.method,
    headers: {
      ...plane.headers,
      accept: call.accept ?? "application/json",
      ...(call.body === undefined ? {} : { "content-type": "application/json" }),
    },
    // A bearer token goes to the address that was named, to no other.
    redirect: "error",
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  };
}

function errorOf(plane: PlaneAddress, status: number, text: string): PreviewError {
  const problem = receivedProblem.safeParse(jsonOf(text));
  if (problem.success) return new PreviewError(problem.data.code, problem.data.detail, { hint: problem.data.hint });
  return unreachable(plane, `answered HTTP ${status} without saying why: is it a plane?`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: no schema accepts undefined, so that the caller tells what was expected.
    return undefined;
  }
}
