import { PreviewError } from "../errors.ts";

/** What the SDK is given: a request, and its body where it was read already. */
export interface ReadRequest {
  readonly request: Request;
  readonly parsedBody?: unknown;
}

/**
 * Reads a JSON body of declared length in one piece. Left to itself, the SDK clones the request and
 * reads both copies as web streams, which costs a tenth of a call or more. What it would refuse, and
 * what comes in chunks, it reads by itself, so that the refusals stay its own. Throws `cancelled` when
 * the caller left half-way.
 */
export async function readBody(request: Request, maxBytes: number): Promise<ReadRequest> {
  const { headers, method } = request;
  const length = headers.get("content-length");
  const whole = length !== null && !headers.has("transfer-encoding") && Number(length) <= maxBytes;
  if (method !== "POST" || !whole) return { request };
  const text = await request.text().catch((cause: unknown) => {
    throw new PreviewError("cancelled", "the caller left before its request was complete", {
      hint: "Send the request again.",
      cause,
    });
  });
  const parsedBody = parse(text);
  return parsedBody === undefined
    ? { request: new Request(request.url, { method, headers, body: text, signal: request.signal }) }
    : { request, parsedBody };
}

/** `undefined` for what is no JSON: no JSON text means it. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // the SDK is left to say so
    return undefined;
  }
}
