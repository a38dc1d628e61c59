import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

export const nodeHttp: Sample = {
  name: "node-http",
  title: "node:http, `node server.js`",
  framework: "node",
  version: { command: ["node", "--version"] },
  files: {
    "package.json": packageJson({ scripts: { start: "node server.js" } }),
    "server.js": `const http = require("node:http");

const server = http.createServer((request, response) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end("<!doctype html><title>Node</title><h1>Hello from Node</h1>");
});

server.listen(process.env.PORT || 3000);
`,
  },
  page: { text: "Hello from Node", selector: "h1" },
  edit: { file: "server.js", from: "Hello from Node", to: "Edited in Node", follows: "restart" },
};
