import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Request } from "playwright-core";
import { expect } from "vitest";
import type { FormRefusal } from "../sample.ts";

/** Sends once more what the browser sent, as another page would: the framework must refuse that, and that alone. */
export async function expectRefusals(request: Request, refusals: readonly FormRefusal[]): Promise<void> {
  const sent: SentForm = {
    url: new URL(request.url()),
    headers: await request.allHeaders(),
    fields: new URLSearchParams(request.postData() ?? ""),
  };
  expect(await statusOf(sent), "the form as it was sent").toBeLessThan(400);
  for (const refusal of refusals) {
    const status = await statusOf(changes[refusal](sent));
    expect(status, `the form with ${refusal}`).toBeGreaterThanOrEqual(400);
    expect(status, `the form with ${refusal}`).toBeLessThan(500);
  }
}

interface SentForm {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: URLSearchParams;
}

const changes: Readonly<Record<FormRefusal, (sent: SentForm) => SentForm>> = {
  "another origin": (sent) => ({
    ...sent,
    headers: { ...sent.headers, origin: "https://elsewhere.example", referer: "https://elsewhere.example/" },
  }),
  "no token": (sent) => ({
    ...sent,
    fields: new URLSearchParams([...sent.fields].filter(([name]) => !/token/.test(name))),
  }),
};

function statusOf({ url, headers, fields }: SentForm): Promise<number> {
  const body = fields.toString();
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const plain = Object.entries(headers).filter(([name]) => !name.startsWith(":"));
  return new Promise((resolve, reject) => {
    const request = send(
      {
        host: "127.0.0.1",
        port: url.port,
        servername: url.hostname,
        // the edge of the test signs its own certificate
        rejectUnauthorized: false,
        method: "POST",
        path: url.pathname + url.search,
        headers: { ...Object.fromEntries(plain), host: url.host, "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        response.resume();
        response.on("end", () => resolve(response.statusCode ?? 0));
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}
