// Stands in for `dev-preview serve`: one per state directory (exit code 3 for the second), a health
// answer and a plane.json. Arguments: state directory, then what to do: serve | crash | hang.
import { openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { writePlaneFile } from "../../../dist/client/plane-file.js";

const [root, behaviour = "serve"] = process.argv.slice(2);
const lock = join(root, "lock");

if (behaviour === "crash") {
  process.stderr.write("starting\nconfiguration refused: token=abcdef0123456789 is wrong\n");
  process.exit(1);
}
try {
  openSync(lock, "wx");
} catch {
  process.exit(3);
}
process.on("exit", () => rmSync(lock, { force: true }));
process.on("SIGTERM", () => process.exit(0));

if (behaviour === "hang") {
  writeFileSync(join(root, "pid.draft"), String(process.pid));
  renameSync(join(root, "pid.draft"), join(root, "pid"));
  setInterval(() => undefined, 1000);
} else {
  const planeId = `plane-${process.pid}`;
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/healthz")
      response.end(JSON.stringify({ status: "ok", service: "dev-preview", planeId, version: "0" }));
    else if (request.url === "/env") response.end(JSON.stringify({ env: process.env, cwd: process.cwd() }));
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1", () =>
    writePlaneFile(join(root, "plane.json"), {
      planeId,
      version: "0",
      controlUrl: `http://127.0.0.1:${server.address().port}`,
      gatewayPort: 4781,
      startedAt: new Date().toISOString(),
    }),
  );
}
