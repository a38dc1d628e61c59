import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

export const bunServe: Sample = {
  name: "bun-serve",
  title: "Bun.serve, `bun --watch`",
  framework: "bun",
  version: { npm: "bun" },
  files: {
    "package.json": packageJson({
      type: "module",
      scripts: { dev: "bun --watch src/index.ts", start: "bun src/index.ts" },
      devDependencies: { bun: "^1.4.0" },
    }),
    "src/index.ts": `const server = Bun.serve({
  routes: {
    "/": () =>
      new Response("<!doctype html><title>Bun</title><h1>Hello from Bun.serve</h1>", {
        headers: { "content-type": "text/html; charset=utf-8" },
      }),
  },
});

console.log(\`Listening on \${server.url}\`);
`,
  },
  page: { text: "Hello from Bun.serve", selector: "h1" },
  edit: { file: "src/index.ts", from: "Hello from Bun.serve", to: "Edited in Bun.serve", follows: "manual" },
};
