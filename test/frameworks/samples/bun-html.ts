import { packageJson } from "../package-json.ts";
import { counterApp } from "../react-files.ts";
import type { Sample } from "../sample.ts";

export const bunHtml: Sample = {
  name: "bun-html",
  title: "Bun, HTML dev server",
  framework: "bun-html",
  version: { npm: "bun" },
  files: {
    "package.json": packageJson({
      type: "module",
      scripts: { dev: "bun ./index.html" },
      dependencies: { react: "^19.3.0", "react-dom": "^19.3.0" },
      devDependencies: { bun: "^1.4.0" },
    }),
    "index.html": `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Bun</title>
  </head>
  <body>
    <div id="root"></div>
    <script type="module" src="./src/main.jsx"></script>
  </body>
</html>
`,
    "src/main.jsx": `import { createRoot } from "react-dom/client";
import App from "./App.jsx";

createRoot(document.getElementById("root")).render(<App />);
`,
    "src/App.jsx": counterApp("Hello from Bun"),
  },
  page: { text: "Hello from Bun", selector: "h1", counter: "button" },
  edit: { file: "src/App.jsx", from: "Hello from Bun", to: "Edited in Bun", follows: "hot" },
};
