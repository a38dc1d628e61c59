// A dev server that fails in one way, named by its first argument, as the real one does or in its words.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";

const [way, value] = process.argv.slice(2);
const port = Number(process.env.PORT);
const host = process.env.HOST ?? "127.0.0.1";
const listens = () => console.log(`${way} listens on ${host}:${port}`);

/** Key and certificate for localhost, which nobody trusts. */
function selfSigned() {
  const directory = mkdtempSync(join(tmpdir(), "failing-server-"));
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-days", "1"];
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", ...subject];
  execFileSync("openssl", [...args, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const pair = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(directory, { recursive: true });
  return pair;
}

const ways = {
  // Next.js 16, of which a second copy was started in one directory
  "second-instance": () => {
    console.error(" ⨯ Another next dev server is already running.\n\n- Local:        http://localhost:3000");
    process.exit(1);
  },
  // says so and tries again, as a pool of connections does
  "retries-database": () => {
    const attempt = () =>
      connect({ host: "127.0.0.1", port: Number(value) }).on("error", ({ message }) => {
        console.error(`Error: ${message}`);
        setTimeout(attempt, 2000);
      });
    attempt();
  },
  // a watcher of a server that fails in no time: the restart and the failure are one piece of output
  "fails-again": () => {
    const missing = "Error: Cannot find module 'no-such-package'\nFailed running 'server.js'.";
    console.error(missing);
    setInterval(() => console.error(`Restarting 'server.js'\n${missing}`), 3000);
  },
  "speaks-tls": () => createHttpsServer(selfSigned(), (_, response) => response.end("ok")).listen(port, host, listens),
  // a server of Go's that speaks TLS answers plain HTTP so
  "speaks-tls-of-go": () =>
    createServer((_, response) => {
      response.writeHead(400).end("Client sent an HTTP request to an HTTPS server.\n");
    }).listen(port, host, listens),
  asks: async () => {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    await terminal.question("Port 3000 is taken. Use another one? (Y/n) ");
    terminal.close();
  },
  // a question that answers itself, before a boot that takes its time
  "asks-and-goes-on": () => {
    process.stdout.write("? Share anonymous usage data? (y/N) ");
    process.stdout.write(`No\n${"building\n".repeat(20)}`);
    setTimeout(() => createServer((_, response) => response.end("ok")).listen(port, host, listens), Number(value));
  },
  // warns, then works for so long before it listens
  "warns-and-boots": () => {
    console.error("You are using Node.js 18.0.0. Vite requires Node.js version 20.19+ or 22.12+.");
    for (const end = Date.now() + Number(value); Date.now() < end;);
    createServer((_, response) => response.end("ok")).listen(port, host, listens);
  },
  "drops-what-comes-through-the-gateway": () =>
    createServer((request, response) => {
      if (request.headers["x-preview-origin"] === undefined) response.end("ok");
      else request.socket.destroy();
    }).listen(port, host, listens),
  "answers-500-without-database": () =>
    createServer((_, response) => {
      console.error("Error: connect ECONNREFUSED 127.0.0.1:5432");
      response.writeHead(500).end();
    }).listen(port, host, listens),
  "listens-and-hangs": () => {
    createServer(() => undefined).listen(port, host, () => {
      console.error("Process SpawnProcess-1:\nSyntaxError: '(' was never closed");
    });
  },
};

await ways[way]();
