import type { Sample } from "../sample.ts";

/** As `npm create vite` makes it, with a counter. */
export const vite8React: Sample = {
  name: "vite-8-react",
  title: "Vite 8 + React",
  framework: "vite",
  version: { npm: "vite" },
  files: {
    "package.json": JSON.stringify({
      name: "sample-vite-8-react",
      private: true,
      type: "module",
      scripts: { dev: "vite" },
      dependencies: { react: "^19.3.1", "react-dom": "^19.3.1" },
      devDependencies: { "@vitejs/plugin-react": "^6.3.0", vite: "^8.3.8" },
    }),
    "vite.config.js": `import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [react()] });
`,
    "index.html": `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Vite</title></head>
  <body>
    <div id="root"></div>
    <script type="module" src="/src/main.jsx"></script>
  </body>
</html>
`,
    "src/main.jsx": `import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.jsx";

createRoot(document.getElementById("root")).render(<StrictMode><App /></StrictMode>);
`,
    "src/app.jsx": `import { useState } from "react";

export function App() {
  const [count, setCount] = useState(0);
  return (
    <main>
      <h1>Hello from Vite</h1>
      <button type="button" onClick={() => setCount(count + 1)}>count is {count}</button>
    </main>
  );
}
`,
  },
  page: { text: "Hello from Vite", selector: "h1", counter: "button" },
  edit: { file: "src/app.jsx", from: "Hello from Vite", to: "Vite says hello again", follows: "hot" },
};
