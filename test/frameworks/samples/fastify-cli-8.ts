import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

export const fastifyCli8: Sample = {
  name: "fastify-cli-8",
  title: "fastify-cli 8",
  framework: "fastify",
  version: { npm: "fastify-cli" },
  files: {
    "package.json": packageJson({
      type: "module",
      main: "app.js",
      scripts: {
        start: "fastify start -l info app.js",
        dev: "fastify start -w -l info -P app.js",
      },
      dependencies: {
        "@fastify/autoload": "^6.0.0",
        fastify: "^5.12.0",
        "fastify-cli": "^8.0.0",
        "fastify-plugin": "^5.0.0",
      },
    }),
    "app.js": `import path from "node:path";
import AutoLoad from "@fastify/autoload";
import { fileURLToPath } from "node:url";

const __dirname = path.dirname(fileURLToPath(import.meta.url));

export const options = {};

export default async function (fastify, opts) {
  fastify.register(AutoLoad, { dir: path.join(__dirname, "routes"), options: Object.assign({}, opts) });
}
`,
    "routes/root.js": `export default async function (fastify, opts) {
  fastify.get("/", async function (request, reply) {
    reply.type("text/html");
    return "<!doctype html><title>fastify-cli</title><h1>Hello from fastify-cli</h1>";
  });
}
`,
  },
  page: { text: "Hello from fastify-cli", selector: "h1" },
  edit: { file: "routes/root.js", from: "Hello from fastify-cli", to: "Edited in fastify-cli", follows: "manual" },
};
