import type { Sample } from "./sample.ts";
import { express5 } from "./samples/express-5.ts";
import { fastify5 } from "./samples/fastify-5.ts";
import { hono4 } from "./samples/hono-4.ts";
import { koa3 } from "./samples/koa-3.ts";
import { nodeHttp } from "./samples/node-http.ts";
import { staticFolder } from "./samples/static-folder.ts";

/** Servers of the project's own code, and those of files. */
export const serverSamples: readonly Sample[] = [express5, fastify5, hono4, koa3, nodeHttp, staticFolder];
