import type { Sample } from "./sample.ts";
import { bunServe } from "./samples/bun-serve.ts";
import { express5 } from "./samples/express-5.ts";
import { fastify5 } from "./samples/fastify-5.ts";
import { hono4 } from "./samples/hono-4.ts";
import { jsonServer0 } from "./samples/json-server-0.ts";
import { koa3 } from "./samples/koa-3.ts";
import { nodeHttp } from "./samples/node-http.ts";
import { staticFolder } from "./samples/static-folder.ts";

/** Servers of the project's own code, and those of files. */
export const serverSamples: readonly Sample[] = [
  bunServe,
  express5,
  fastify5,
  hono4,
  jsonServer0,
  koa3,
  nodeHttp,
  staticFolder,
];
