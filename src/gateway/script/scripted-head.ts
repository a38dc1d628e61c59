import { createNameTable } from "../forward/header-names.ts";
import type { ResponseHead } from "../upstream/parse-response-head.ts";
import { admitToPolicies } from "./content-policy.ts";
import type { Admission } from "./content-policy.ts";
import { markTag } from "./entity-tag.ts";

/** True for the head of a page that can be given the script: shown by browsers, whole, not compressed, ASCII's heir. */
export function isPlainPage(head: ResponseHead): boolean {
  if (!isShown(head.status) || head.contentLength === 0) return false;
  const types = valuesOf(head, "content-type");
  if (types.length !== 1 || !isHtml(types[0] ?? "")) return false;
  if (valuesOf(head, "content-encoding").some((coding) => coding.toLowerCase() !== "identity")) return false;
  return !valuesOf(head, "content-disposition").some((value) => /^attachment\b/i.test(value));
}

/** Not a redirect, and not a part of a page. */
function isShown(status: number): boolean {
  if (status === 204 || status === 205 || status === 206) return false;
  return (status >= 200 && status < 300) || status >= 400;
}

function valuesOf({ headers }: ResponseHead, name: string): string[] {
  return headers.filter((_value, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === name);
}

const otherThanAscii = /^(?:utf-?(?:7|16|32)|ucs-?[24]|unicode|csunicode|iso-10646)/i;

function isHtml(contentType: string): boolean {
  const [type = "", ...parameters] = contentType.split(";");
  if (type.trim().toLowerCase() !== "text/html") return false;
  return !parameters.some((parameter) => {
    const [name = "", value = ""] = parameter.split("=");
    return name.trim().toLowerCase() === "charset" && otherThanAscii.test(value.replaceAll(/[\s"']/g, ""));
  });
}

const kindOf = createNameTable({
  "content-length": "drop",
  "accept-ranges": "drop",
  "content-md5": "drop",
  "content-digest": "drop",
  "repr-digest": "drop",
  digest: "drop",
  etag: "tag",
  "content-security-policy": "policy",
  "content-security-policy-report-only": "policy",
} as const);

/** The head of a page that has the script, or that confirms a copy which has it. */
export function scriptedHead(head: ResponseHead, admission: Admission): ResponseHead {
  const headers: string[] = [];
  for (let at = 0; at + 1 < head.headers.length; at += 2) {
    const [name = "", value = ""] = head.headers.slice(at, at + 2);
    const kind = kindOf(name);
    if (kind === undefined) headers.push(name, value);
    else if (kind === "tag") headers.push(name, markTag(value));
    else if (kind === "policy") headers.push(name, admitToPolicies(value, admission));
  }
  return { ...head, headers, contentLength: undefined };
}

/** Digests are of bytes that the app sent, also those that it sends behind them. */
export function scriptedTrailers(trailers: readonly string[]): string[] {
  return trailers.filter((_part, at) => kindOf(trailers[at - (at % 2)] ?? "") !== "drop");
}
