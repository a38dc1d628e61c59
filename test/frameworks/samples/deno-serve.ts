import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

export const denoServe: Sample = {
  name: "deno-serve",
  title: "Deno, `deno serve --watch`",
  framework: "deno",
  version: { npm: "deno" },
  files: {
    "package.json": packageJson({
      type: "module",
      scripts: { dev: "deno serve --watch -R main.ts" },
      devDependencies: { deno: "^2.9.0" },
    }),
    "main.ts": `export default {
  fetch(_request) {
    return new Response("<!doctype html><title>Deno</title><h1>Hello from deno serve</h1>", {
      headers: { "content-type": "text/html; charset=utf-8" },
    });
  },
} satisfies Deno.ServeDefaultExport;
`,
  },
  page: { text: "Hello from deno serve", selector: "h1" },
  edit: { file: "main.ts", from: "Hello from deno serve", to: "Edited in deno serve", follows: "manual" },
};
