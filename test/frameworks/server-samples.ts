import type { Sample } from "./sample.ts";
import { browserSync3 } from "./samples/browser-sync-3.ts";
import { bunServe } from "./samples/bun-serve.ts";
import { denoServe } from "./samples/deno-serve.ts";
import { denoTask } from "./samples/deno-task.ts";
import { express5 } from "./samples/express-5.ts";
import { fastify5 } from "./samples/fastify-5.ts";
import { fastifyCli8 } from "./samples/fastify-cli-8.ts";
import { hono4 } from "./samples/hono-4.ts";
import { httpServer14 } from "./samples/http-server-14.ts";
import { jsonServer0 } from "./samples/json-server-0.ts";
import { koa3 } from "./samples/koa-3.ts";
import { liveServer1 } from "./samples/live-server-1.ts";
import { nest } from "./samples/nest.ts";
import { nodeHttp } from "./samples/node-http.ts";
import { serve14 } from "./samples/serve-14.ts";
import { staticFolder } from "./samples/static-folder.ts";

/** Servers of the project's own code, and those of files. */
export const serverSamples: readonly Sample[] = [
  browserSync3,
  bunServe,
  denoServe,
  denoTask,
  express5,
  fastify5,
  fastifyCli8,
  hono4,
  httpServer14,
  jsonServer0,
  koa3,
  liveServer1,
  nest,
  nodeHttp,
  serve14,
  staticFolder,
];
