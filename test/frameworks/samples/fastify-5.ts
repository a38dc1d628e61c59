import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

export const fastify5: Sample = {
  name: "fastify-5",
  title: "Fastify 5, `tsx watch`",
  framework: "fastify",
  version: { npm: "fastify" },
  files: {
    "package.json": packageJson({
      type: "module",
      scripts: { dev: "tsx watch src/server.ts", start: "node dist/server.js" },
      dependencies: { fastify: "^5.12.0" },
      devDependencies: { tsx: "^4.23.0", typescript: "^5.9.0" },
    }),
    "src/server.ts": `import Fastify from "fastify";

const server = Fastify({ logger: true });

server.get("/", async (request, reply) => {
  reply.type("text/html");
  return "<!doctype html><title>Fastify</title><h1>Hello from Fastify</h1>";
});

await server.listen({ port: Number(process.env.PORT ?? 3000) });
`,
  },
  page: { text: "Hello from Fastify", selector: "h1" },
  problems: ["bound_loopback_only"],
  edit: { file: "src/server.ts", from: "Hello from Fastify", to: "Edited in Fastify", follows: "manual" },
};
