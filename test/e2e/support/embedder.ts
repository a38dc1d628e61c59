import { once } from "node:events";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { selfSigned } from "./tls-front.ts";

/** Sites that show another page in a frame, each under a name of its own. */
export interface Embedder {
  /** `https://<name>.<domain>:<port>`, or `http://<name>.localhost:<port>` */
  originOf(name: string): string;
  /** The page of that site with this address in its frame. */
  pageOf(name: string, framed: string): string;
  close(): Promise<void>;
}

/** Of `localhost` without TLS. */
export async function openEmbedder(domain: string): Promise<Embedder> {
  const scheme = domain === "localhost" ? "http" : "https";
  const answer: RequestListener = (request, response) => {
    const framed = new URL(request.url ?? "/", "https://embedder").searchParams.get("framed") ?? "";
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><title>embedder</title><iframe src="${framed.replaceAll('"', "&quot;")}"></iframe>`);
  };
  const server = scheme === "http" ? createPlainServer(answer) : createServer(selfSigned(domain), answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const originOf = (name: string) => `${scheme}://${name}.${domain}:${port}`;
  return {
    originOf,
    pageOf: (name, framed) => `${originOf(name)}/?${new URLSearchParams({ framed }).toString()}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
