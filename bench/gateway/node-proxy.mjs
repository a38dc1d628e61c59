// One of the Node libraries as a proxy: `node node-proxy.mjs NAME '{"port":…,"app":…,"live":…,"directory":…}'`.
import { Agent, createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [name, text] = process.argv.slice(2);
const { port, app, live, directory } = JSON.parse(text);
const from = createRequire(join(directory, "package.json"));
const load = (library) => import(pathToFileURL(from.resolve(library)).href);
const targetOf = ({ headers }) => `http://127.0.0.1:${headers.host.startsWith("live.") ? live : app}`;

/** Both libraries descend from http-proxy. */
async function serveWith(library) {
  const { createProxyServer } = await load(library);
  const proxy = createProxyServer({ agent: new Agent({ keepAlive: true, maxFreeSockets: 256 }), xfwd: true });
  proxy.on("error", (_error, _request, response) => response.destroy());
  const server = createServer((request, response) => void proxy.web(request, response, { target: targetOf(request) }));
  server.on(
    "upgrade",
    (request, socket, head) =>
      void proxy.ws(
        request,
        socket,
        library === "httpxy" ? { target: targetOf(request) } : head,
        library === "httpxy" ? head : { target: targetOf(request) },
      ),
  );
  server.listen(port, "127.0.0.1", 4096);
}

async function serveFastify() {
  const { default: fastify } = await load("fastify");
  const { default: httpProxy } = await load("@fastify/http-proxy");
  const server = fastify({ bodyLimit: 2 ** 30 });
  const options = {
    websocket: true,
    replyOptions: { rewriteRequestHeaders: (request, headers) => ({ ...headers, host: request.headers.host }) },
  };
  server.register(httpProxy, { ...options, upstream: `http://127.0.0.1:${app}`, constraints: { host: "app.bench" } });
  server.register(httpProxy, { ...options, upstream: `http://127.0.0.1:${live}`, constraints: { host: "live.bench" } });
  await server.listen({ port, host: "127.0.0.1", backlog: 4096 });
}

if (name === "@fastify/http-proxy") await serveFastify();
else await serveWith(name);
