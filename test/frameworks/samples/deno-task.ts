import type { Sample } from "../sample.ts";

export const denoTask: Sample = {
  name: "deno-task",
  title: "Deno.serve, `deno task dev`",
  framework: "deno",
  version: { command: ["deno", "--version"] },
  tools: { deno: "^2.9.0" },
  files: {
    "deno.json": `${JSON.stringify({ tasks: { dev: "deno run --watch --allow-net --allow-env main.ts" } }, null, 2)}\n`,
    "main.ts": `Deno.serve(() =>
  new Response("<!doctype html><title>Deno</title><h1>Hello from Deno.serve</h1>", {
    headers: { "content-type": "text/html; charset=utf-8" },
  })
);
`,
  },
  page: { text: "Hello from Deno.serve", selector: "h1" },
  edit: { file: "main.ts", from: "Hello from Deno.serve", to: "Edited in Deno.serve", follows: "manual" },
};
