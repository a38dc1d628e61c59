import { packageJson } from "../package-json.ts";
import { counterApp, reactPage } from "../react-files.ts";
import type { Sample } from "../sample.ts";

const config = `// @ts-check
import { defineConfig } from "@rspack/cli";
import { rspack } from "@rspack/core";
import { ReactRefreshRspackPlugin } from "@rspack/plugin-react-refresh";

const isDev = process.env.NODE_ENV === "development";

export default defineConfig({
  entry: { main: "./src/main.jsx" },
  resolve: { extensions: ["...", ".jsx"] },
  module: {
    rules: [
      {
        test: /\\.(?:js|jsx|mjs|cjs)$/,
        use: [
          {
            loader: "builtin:swc-loader",
            options: {
              detectSyntax: "auto",
              jsc: { transform: { react: { runtime: "automatic", development: isDev, refresh: isDev } } },
            },
          },
        ],
      },
    ],
  },
  plugins: [new rspack.HtmlRspackPlugin({ template: "./index.html" }), isDev && new ReactRefreshRspackPlugin()],
});
`;

export const rspack: Sample = {
  name: "rspack",
  title: "Rspack CLI 2 + React",
  framework: "rspack",
  version: { npm: "@rspack/cli" },
  node: 24,
  files: {
    "package.json": packageJson({
      type: "module",
      scripts: { build: "rspack build", dev: "rspack dev", preview: "rspack preview" },
      dependencies: { react: "^19.2.0", "react-dom": "^19.2.0" },
      devDependencies: {
        "@rspack/cli": "^2.2.8",
        "@rspack/core": "^2.3.0",
        "@rspack/dev-server": "^2.2.1",
        "@rspack/plugin-react-refresh": "^2.0.2",
        "react-refresh": "^0.18.0",
      },
    }),
    "rspack.config.js": config,
    "index.html": reactPage("Rspack"),
    "src/main.jsx": `import { createRoot } from "react-dom/client";
import App from "./App";

createRoot(document.getElementById("root")).render(<App />);
`,
    "src/App.jsx": counterApp("Hello from Rspack"),
  },
  page: { text: "Hello from Rspack", selector: "h1", counter: "button" },
  edit: { file: "src/App.jsx", from: "Hello from Rspack", to: "Edited in Rspack", follows: "hot" },
};
