import type { Sample } from "../sample.ts";

/** Rendered on the server by the Node adapter; the page answers its own form. */
export const astro7: Sample = {
  name: "astro-7",
  title: "Astro 7 (SSR, Node adapter)",
  framework: "astro",
  version: { npm: "astro" },
  node: 24,
  files: {
    "package.json": JSON.stringify({
      name: "sample-astro-7",
      private: true,
      type: "module",
      scripts: { dev: "astro dev" },
      dependencies: { "@astrojs/node": "^11.1.6", astro: "^7.3.5" },
    }),
    "astro.config.mjs": `import node from "@astrojs/node";
import { defineConfig } from "astro/config";

export default defineConfig({ output: "server", adapter: node({ mode: "standalone" }) });
`,
    "src/pages/index.astro": `<html lang="en">
  <head><meta charset="utf-8" /><title>Astro</title></head>
  <body>
    <h1>Hello from Astro</h1>
    <button type="button" id="counter">count is 0</button>
    <script>
      let count = 0;
      const button = document.querySelector("#counter");
      button?.addEventListener("click", () => {
        button.textContent = "count is " + (count += 1);
      });
    </script>
  </body>
</html>
`,
    "src/pages/greet.astro": `---
const name = Astro.request.method === "POST" ? (await Astro.request.formData()).get("name") : undefined;
---
<html lang="en">
  <head><meta charset="utf-8" /><title>Greet</title></head>
  <body>
    <form method="post">
      <input name="name" />
      <button type="submit">Greet</button>
    </form>
    {name && <p>Welcome, {name}!</p>}
  </body>
</html>
`,
  },
  page: { text: "Hello from Astro", selector: "h1", counter: "#counter" },
  edit: { file: "src/pages/index.astro", from: "Hello from Astro", to: "Astro says hello again", follows: "reload" },
  form: {
    path: "/greet",
    field: "input[name=name]",
    value: "Ada",
    submit: "button[type=submit]",
    shows: "Welcome, Ada!",
  },
};
