import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestTls } from "node:https";

export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  readonly hostHeader: string;
  /** It is our own gateway, which speaks TLS: whose certificate it is does not matter, for we know whom we dial. */
  readonly tls?: boolean;
  readonly path: string;
  /** Passes the login of a gated link. */
  readonly previewToken?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export type ProbeResult =
  | {
      readonly answered: true;
      readonly status: number;
      readonly previewStatus?: string;
      /** A page, and not one that says that there is none. */
      readonly html: boolean;
      readonly bodyStart: string;
    }
  | { readonly answered: false; readonly error: string };

const bodyBytes = 8192;

/** One GET, as a browser's first navigation would send it; reads the start of the body and hangs up. */
export function probe(target: ProbeTarget): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const outgoing = (target.tls === true ? requestTls : request)({
      host: target.host,
      port: target.port,
      path: target.path,
      agent: false,
      ...(target.tls === true && { rejectUnauthorized: false, servername: nameOf(target.hostHeader) }),
      ...(target.signal === undefined ? {} : { signal: target.signal }),
      headers: {
        host: target.hostHeader,
        accept: "text/html,*/*;q=0.8",
        "user-agent": "dev-preview-probe",
        connection: "close",
        ...(target.previewToken === undefined ? {} : { "x-preview-token": target.previewToken }),
      },
    });
    outgoing.on("response", (response) => {
      void readStart(response).then((bodyStart) => {
        const previewStatus = response.headers["x-preview-status"];
        resolve({
          answered: true,
          status: response.statusCode ?? 0,
          html: isPage(response),
          bodyStart,
          ...(typeof previewStatus === "string" ? { previewStatus } : {}),
        });
        outgoing.destroy();
      });
    });
    // A bound on the whole: a server that sends a byte, or a 1xx, now and then must not hold its watcher.
    const limit = setTimeout(
      () => outgoing.destroy(new Error(`no answer in ${target.timeoutMs} ms`)),
      target.timeoutMs,
    );
    outgoing.on("error", (error) => resolve({ answered: false, error: errorCode(error) }));
    outgoing.on("close", () => clearTimeout(limit));
    outgoing.end();
  });
}

function nameOf(hostHeader: string): string {
  return hostHeader.replace(/:\d+$/, "");
}

function isPage({ statusCode = 0, headers }: IncomingMessage): boolean {
  return statusCode < 300 && /^text\/html\b/i.test(headers["content-type"] ?? "");
}

/** The first bytes of the body, or less when it ends or breaks: the status already answered the question. */
function readStart(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const finish = (): void => resolve(text);
    response.setEncoding("latin1");
    response.on("data", (chunk: string) => {
      text += chunk;
      if (text.length >= bodyBytes) finish();
    });
    response.once("end", finish).once("error", finish).once("close", finish);
    setTimeout(finish, 250).unref();
  });
}

function errorCode(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
