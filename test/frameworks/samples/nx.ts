import type { Sample } from "../sample.ts";
import { favicon } from "./vite-project.ts";

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** One Vite app, whose targets nx infers: there is no script anywhere. */
export const nx: Sample = {
  name: "nx",
  title: "Nx 23 (React, Vite)",
  framework: "nx",
  version: { npm: "nx" },
  note: "No script: the target that Nx infers is run, without its daemon and its terminal interface.",
  files: {
    "package.json": json({
      name: "@acme/source",
      version: "0.0.0",
      license: "MIT",
      scripts: {},
      private: true,
      dependencies: { react: "^19.0.0", "react-dom": "^19.0.0" },
      devDependencies: {
        "@nx/vite": "23.2.1",
        "@vitejs/plugin-react": "^5.0.0",
        nx: "23.2.1",
        vite: "^7.0.0",
      },
    }),
    "nx.json": json({
      plugins: [{ plugin: "@nx/vite/plugin", options: { serveTargetName: "serve", devTargetName: "dev" } }],
    }),
    "apps/shop/project.json": json({ name: "shop", sourceRoot: "apps/shop/src", projectType: "application" }),
    "apps/shop/vite.config.mjs": `import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  cacheDir: "../../node_modules/.vite/apps/shop",
  server: { port: 4200, host: "localhost" },
  plugins: [react()],
});
`,
    "apps/shop/index.html": `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Shop</title>
    <base href="/" />
    <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
  </head>
  <body>
    <div id="root"></div>
    <script type="module" src="/src/main.jsx"></script>
  </body>
</html>
`,
    "apps/shop/public/favicon.svg": favicon,
    "apps/shop/src/main.jsx": `import { StrictMode } from "react";
import * as ReactDOM from "react-dom/client";
import App from "./app/app.jsx";

ReactDOM.createRoot(document.getElementById("root")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
`,
    "apps/shop/src/app/app.jsx": `import { useState } from "react";

export default function App() {
  const [count, setCount] = useState(0);
  return (
    <main>
      <h1>Hello from Nx</h1>
      <button type="button" onClick={() => setCount(count + 1)}>
        Count is {count}
      </button>
    </main>
  );
}
`,
  },
  page: { text: "Hello from Nx", selector: "h1", counter: "button" },
  edit: { file: "apps/shop/src/app/app.jsx", from: "Hello from Nx", to: "Edited with Nx", follows: "hot" },
};
