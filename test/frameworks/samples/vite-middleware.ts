import type { Sample } from "../sample.ts";

/** Vite inside a server of the project's own: its socket has a second port, which the page dials. */
export const viteMiddleware: Sample = {
  name: "vite-middleware",
  title: "Express 5, Vite 8 in middleware mode",
  framework: "vite-middleware",
  version: { npm: "vite" },
  node: 24,
  files: {
    "package.json": JSON.stringify({
      name: "sample-vite-middleware",
      private: true,
      type: "module",
      scripts: { dev: "node server.js" },
      dependencies: { express: "^5.3.0" },
      devDependencies: { vite: "^8.3.8" },
    }),
    "server.js": `import express from "express";
import { createServer } from "vite";

const app = express();
const vite = await createServer({ server: { middlewareMode: true } });
app.use(vite.middlewares);
app.listen(process.env.PORT ?? 3000);
`,
    "index.html": `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Vite in Express</title></head>
  <body>
    <h1></h1>
    <button type="button">count is 0</button>
    <script type="module" src="/main.js"></script>
  </body>
</html>
`,
    "main.js": `import { message } from "./message.js";

const [heading, button] = [document.querySelector("h1"), document.querySelector("button")];
let count = 0;
heading.textContent = message;
button.addEventListener("click", () => {
  button.textContent = "count is " + (count += 1);
});
import.meta.hot?.accept("./message.js", (next) => {
  heading.textContent = next.message;
});
`,
    "message.js": `export const message = "Hello from Vite in Express";
`,
  },
  page: { text: "Hello from Vite in Express", selector: "h1", counter: "button" },
  edit: {
    file: "message.js",
    from: "Hello from Vite in Express",
    to: "Express says hello again",
    follows: "hot",
  },
};
