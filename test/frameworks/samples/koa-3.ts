import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

export const koa3: Sample = {
  name: "koa-3",
  title: "Koa 3, nodemon",
  framework: "koa",
  version: { npm: "koa" },
  files: {
    "package.json": packageJson({
      scripts: { start: "node index.js", dev: "nodemon index.js" },
      dependencies: { koa: "^3.3.0" },
      devDependencies: { nodemon: "^3.1.0" },
    }),
    "index.js": `const Koa = require("koa");

const app = new Koa();

app.use(async (ctx) => {
  ctx.type = "html";
  ctx.body = "<!doctype html><title>Koa</title><h1>Hello from Koa</h1>";
});

app.listen(process.env.PORT || 3000);
`,
  },
  page: { text: "Hello from Koa", selector: "h1" },
  edit: { file: "index.js", from: "Hello from Koa", to: "Edited in Koa", follows: "manual" },
};
