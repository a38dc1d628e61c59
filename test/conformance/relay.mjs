import { once } from "node:events";
import { createServer, request } from "node:http";
import { pipeline } from "node:stream";

/**
 * A loopback listener that passes everything on as it came (Host and Origin too, which are part of
 * what is tested) and adds the headers given: the suite knows no way to send a token.
 */
export async function startRelay(target, headers) {
  const { hostname, port, pathname } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const onward = request(
      { hostname, port, path: incoming.url, method: incoming.method, headers: { ...incoming.headers, ...headers } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        pipeline(answer, outgoing, () => undefined);
      },
    );
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}${pathname}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
