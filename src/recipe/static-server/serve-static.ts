import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { serve } from "@hono/node-server";
import { createStaticApp } from "./static-app.ts";

/*
 * A program of its own, started in the project like any dev server:
 *   node serve-static.js <folder> --host 0.0.0.0 --port 4000
 * It ends with code 1 when the port is taken.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { host: { type: "string", default: "127.0.0.1" }, port: { type: "string", default: "8080" } },
});
const folder = resolve(positionals[0] ?? ".");
const server = serve(
  { fetch: createStaticApp(folder).fetch, hostname: values.host, port: Number(values.port) },
  ({ address, port }) => process.stdout.write(`serving ${folder} on ${address}:${port}\n`),
);
server.once("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
}
