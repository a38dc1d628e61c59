import { createServer } from "node:http";

const startedAt = new Date();

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <link rel="icon" href="data:," />
    <title>Dev preview: Node</title>
    <style>
      body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1rem; }
      output { font-variant-numeric: tabular-nums; font-weight: 600; }
    </style>
  </head>
  <body>
    <h1>Hello from a dev preview</h1>
    <p>A plain Node server. Server-sent events say it runs for <output id="uptime">…</output>.</p>
    <script>
      new EventSource("/events").onmessage = ({ data }) => {
        document.getElementById("uptime").textContent = data + " s";
      };
    </script>
  </body>
</html>
`;

const routes = {
  "/": (_request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
  },
  "/events": (request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const send = () => response.write(`data: ${Math.round((Date.now() - startedAt) / 1000)}\n\n`);
    send();
    const timer = setInterval(send, 1000);
    request.on("close", () => clearInterval(timer));
  },
  "/echo": (request, response) => {
    response.writeHead(200, { "content-type": request.headers["content-type"] ?? "application/octet-stream" });
    request.pipe(response);
  },
  "/headers": (request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(request.headers));
  },
};

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
  if (route !== undefined) route(request, response);
  else response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
});

server.listen(Number(process.env.PORT ?? 3000), process.env.HOST, () => {
  console.log(`listening on ${server.address().port}`);
});
