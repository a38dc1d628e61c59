// A dev server with one habit, named by its first argument. Listens on PORT and HOST where it listens.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";

const [habit = "well", value] = process.argv.slice(2);
const port = Number(process.env.PORT);
const host = process.env.HOST ?? "127.0.0.1";
const keepAlive = () => setInterval(() => {}, 60_000);

function serve({ at = port, on = host, status = 200, body, onListening } = {}) {
  const server = createServer((request, response) => {
    response.writeHead(status, { "content-type": "text/html" });
    response.end(body ?? `<title>${habit}</title>${request.headers.host} ${request.url} ${process.pid}`);
  });
  server.listen(at, on, () => {
    onListening?.(server);
    console.log(`${habit} listens on ${on}:${at}`);
  });
  return server;
}

function recovers(where) {
  const failing = serve({ ...where, status: 500 });
  setTimeout(() => {
    failing.closeAllConnections();
    failing.close(() => serve(where));
  }, 1500);
}

const habits = {
  well: () => serve(),
  "exits-at-once": () => {
    console.error("boom: no such thing");
    process.exit(Number(value ?? 7));
  },
  "never-listens": keepAlive,
  "other-port": () => serve({ at: Number(value) }),
  "two-ports": () => {
    createServer((_, response) => response.writeHead(426).end()).listen(Number(value), host);
    setTimeout(() => serve(), 1500);
  },
  loopback: () => serve({ on: "127.0.0.1" }),
  loopback6: () => serve({ on: "::1" }),
  "hard-coded-port": () => serve({ at: Number(value) }),
  "serves-file": () =>
    createServer((_, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end(readFileSync(value));
    }).listen(port, host, () => console.log(`serves-file listens on ${host}:${port}`)),
  // the socket is opened here and served by a child as well, in a directory of its own
  "shares-socket": () => {
    const cwd = process.env.CHILD_CWD ?? process.cwd();
    const args = [process.argv[1], "serves-shared", String(process.pid)];
    const share = (server) =>
      spawn(process.execPath, args, { cwd, stdio: ["ignore", "ignore", "inherit", server._handle.fd] });
    serve({ onListening: share });
  },
  "serves-shared": () => {
    setInterval(() => process.ppid === Number(value) || process.exit(), 50);
    createServer((_, response) => response.end("shares-socket, a child")).listen({ fd: 3 });
  },
  "with-child": () => {
    spawn("sleep", ["600"], { stdio: "inherit" });
    serve();
  },
  // closes its port when told, and opens it again when told
  reopens: () => {
    let server = serve();
    keepAlive();
    process.on("SIGUSR2", () => {
      server.closeAllConnections();
      server.close(() => console.log("closed"));
    });
    process.on("SIGHUP", () => (server = serve()));
  },
  // a page, and an API beside it on another port
  "page-and-api": () => {
    const api = createServer((_, response) => response.end(`api ${process.pid}`));
    api.listen(Number(value), "127.0.0.1", () => serve());
    process.on("SIGUSR2", () => {
      api.closeAllConnections();
      api.close();
    });
  },
  // the API is there at once, and the page is built for a second
  "api-then-page": () => {
    createServer((_, response) => response.end("{}")).listen(Number(value), host, () => {
      for (const end = Date.now() + 1500; Date.now() < end;);
      serve();
    });
  },
  // an API and a page, on ports of their own
  elsewhere: () => {
    const [api, page] = value.split(",").map(Number);
    createServer((_, response) => response.end("{}")).listen(api, host);
    serve({ at: page });
  },
  "api-later": () => {
    serve();
    setTimeout(() => createServer((_, response) => response.end(`api ${process.pid}`)).listen(Number(value)), 800);
  },
  json: () =>
    createServer((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end("{}");
    }).listen(port, host, () => console.log(`json listens on ${host}:${port}`)),
  // a connection alone tells nobody anything
  "tells-requests": () => serve().on("connection", (socket) => socket.on("data", () => console.log("was asked"))),
  "answers-500": () => serve({ status: 500, body: "Error: exploded" }),
  "answers-503": () => serve({ status: 503 }),
  // its first answer is a 503, the next ones are a 500
  "recovers-from-503": () => {
    let asked = 0;
    const end = Date.now() + 1500;
    createServer((_, response) => {
      asked += 1;
      response.writeHead(Date.now() > end ? 200 : asked === 1 ? 503 : 500).end();
    }).listen(port, host);
  },
  "recovers-from-500": () => recovers({}),
  "recovers-from-500-on-loopback": () => recovers({ on: "127.0.0.1" }),
  "blocks-host": () =>
    serve({
      status: 403,
      body: 'Blocked request. This host ("x") is not allowed.\nTo allow this host, add "x" to `server.allowedHosts` in vite.config.js.',
    }),
  "no-http": () => createTcpServer((socket) => socket.resume()).listen(port, host),
  "ignores-term": () => {
    process.on("SIGTERM", () => console.log("ignored TERM"));
    serve();
  },
  "escaping-children": () => {
    spawn("setsid", ["sh", "-c", "setsid sleep 600 & exec sleep 600"], { detached: true, stdio: "ignore" }).unref();
    serve();
  },
  late: () => setTimeout(() => serve(), Number(value ?? 1000)),
  streams: () =>
    createServer((request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: first\n\n");
      const ticking = setInterval(() => response.write("data: tick\n\n"), 100);
      response.once("close", () => clearInterval(ticking));
      if (request.headers["user-agent"] === "dev-preview-probe") response.end();
    }).listen(port, host),
  "prints-later": () => {
    serve();
    setTimeout(() => console.log("printed later"), Number(value));
  },
  chatty: () => {
    console.log("password: hunter2hunter2");
    console.log(`from env: ${process.env.MY_VALUE}`);
    for (let line = 0; line < 100; line += 1) console.log(`line ${line}`);
    serve();
  },
};

habits[habit]();
