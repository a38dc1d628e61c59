import { createHash } from "node:crypto";
import type { Answer } from "./answer.ts";
import { asksForDocument } from "./asks-for-document.ts";
import type { AskerHeaders } from "./asks-for-document.ts";
import { scriptSource, scriptText } from "./page-scripts.ts";

/** What kind of body the asker can use: a page for a person, JSON for code, nothing for a script or an image. */
export type BodyKind = "html" | "json" | "empty";

/**
 * A body of the wrong kind does harm: HTML handed to `<script>` is a syntax error that hides the
 * cause, JSON handed to a person is noise.
 */
export function bodyKindFor(headers: AskerHeaders): BodyKind {
  if (asksForDocument(headers)) return "html";
  const dest = headers["sec-fetch-dest"];
  if (typeof dest === "string" && dest !== "empty") return "empty";
  if (dest === "empty" || headers["x-requested-with"] !== undefined) return "json";
  return /^\s*(?:\*\/\*|application\/)/i.test(String(headers["accept"] ?? "*/*")) ? "json" : "empty";
}

export interface RenderedAnswer {
  readonly status: number;
  /** Alternating names and values, framing included. */
  readonly headers: readonly string[];
  /** ASCII only, so that one character is one byte. */
  readonly body: string;
}

export function renderAnswer(answer: Answer, kind: BodyKind): RenderedAnswer {
  const body = escapeRest(bodies[kind](answer), kind);
  const headers = ["X-Preview-Status", answer.previewStatus, "Cache-Control", "no-store"];
  if (answer.retryAfterSeconds !== undefined) headers.push("Retry-After", String(answer.retryAfterSeconds));
  headers.push(...(answer.headers ?? []));
  headers.push("X-Content-Type-Options", "nosniff", "X-Robots-Tag", "noindex", "Referrer-Policy", "same-origin");
  if (kind === "html") headers.push("Content-Security-Policy", policyOf(answer));
  if (kind !== "empty") headers.push("Content-Type", contentTypes[kind]);
  headers.push("Content-Length", String(body.length));
  return { status: answer.status, headers, body };
}

const contentTypes = { html: "text/html; charset=utf-8", json: "application/json" } as const;

const style =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:32em;margin:20vh auto 0;padding:0 1em;color:#222;background:#fff}" +
  "@media(prefers-color-scheme:dark){body{color:#ddd;background:#111}}";

const styleHash = createHash("sha256").update(style).digest("base64");
const ownStyle = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'`;

/** What a form leads to may lead on to the identity provider. What can be pressed is framed by nobody but whom it is meant for. */
function policyOf({ form, script, ancestors = [] }: Answer): string {
  const scripts = script === undefined ? "" : `; script-src ${scriptSource(script)}`;
  const forms = form === undefined ? "; form-action 'none'" : "";
  if (form === undefined && script === undefined) return `${ownStyle}${forms}`;
  const frames = ancestors.length === 0 ? "'none'" : ["'self'", ...ancestors].join(" ");
  return `${ownStyle}${scripts}${forms}; frame-ancestors ${frames}`;
}

const bodies: Readonly<Record<BodyKind, (answer: Answer) => string>> = {
  html: renderPage,
  json: ({ status, previewStatus, text, limit }) =>
    `${JSON.stringify({ status, previewStatus, message: text, limit: limit?.setting, most: limit?.most })}\n`,
  empty: () => "",
};

/** A preview's problems may name a file or a package in any script. */
function escapeRest(body: string, kind: BodyKind): string {
  const escape = (character: string): string =>
    kind === "json"
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
      : `&#${character.codePointAt(0) ?? 0};`;
  return body.replace(kind === "json" ? /[^\0-\x7f]/g : /[^\0-\x7f]/gu, escape);
}

function renderPage({ title, text, retryAfterSeconds, form, popup, script }: Answer): string {
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    retryAfterSeconds === undefined ? "" : `<meta http-equiv="refresh" content="${retryAfterSeconds}">`,
    `<title>${escapeHtml(title)}</title><style>${style}</style>`,
    `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>`,
    form === undefined ? "" : renderForm(form),
    popup === undefined ? "" : `<button value="${escapeHtml(popup.url)}">${escapeHtml(popup.label)}</button>`,
    script === undefined ? "" : `<script>${scriptText(script)}</script>`,
    "</html>\n",
  ].join("");
}

function renderForm({ action, label }: NonNullable<Answer["form"]>): string {
  return `<form method="post" action="${escapeHtml(action)}"><button>${escapeHtml(label)}</button></form>`;
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Our texts are constants today; escaping them keeps that from becoming a condition. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? "");
}
