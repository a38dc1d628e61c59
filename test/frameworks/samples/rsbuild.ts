import { packageJson } from "../package-json.ts";
import { counterApp } from "../react-files.ts";
import type { Sample } from "../sample.ts";

export const rsbuild: Sample = {
  name: "rsbuild",
  title: "Rsbuild 2 + React",
  framework: "rsbuild",
  version: { npm: "@rsbuild/core" },
  node: 24,
  files: {
    "package.json": packageJson({
      type: "module",
      scripts: { build: "rsbuild build", dev: "rsbuild", preview: "rsbuild preview" },
      dependencies: { react: "^19.3.0", "react-dom": "^19.3.0" },
      devDependencies: { "@rsbuild/core": "^2.3.0", "@rsbuild/plugin-react": "^2.1.0" },
    }),
    "rsbuild.config.mjs": `// @ts-check
import { defineConfig } from "@rsbuild/core";
import { pluginReact } from "@rsbuild/plugin-react";

export default defineConfig({ plugins: [pluginReact()] });
`,
    "src/index.jsx": `import { createRoot } from "react-dom/client";
import App from "./App";

createRoot(document.getElementById("root")).render(<App />);
`,
    "src/App.jsx": counterApp("Hello from Rsbuild"),
  },
  page: { text: "Hello from Rsbuild", selector: "h1", counter: "button" },
  edit: { file: "src/App.jsx", from: "Hello from Rsbuild", to: "Edited in Rsbuild", follows: "hot" },
};
