import { packageJson } from "../package-json.ts";
import { counterApp } from "../react-files.ts";
import type { Sample } from "../sample.ts";

export const parcel: Sample = {
  name: "parcel",
  title: "Parcel 2 + React",
  framework: "parcel",
  version: { npm: "parcel" },
  files: {
    "package.json": packageJson({
      source: "src/index.html",
      scripts: { start: "parcel", build: "parcel build" },
      dependencies: { react: "^19.3.0", "react-dom": "^19.3.0" },
      devDependencies: { parcel: "^2.16.4" },
    }),
    "src/index.html": `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Parcel</title>
  </head>
  <body>
    <div id="app"></div>
    <script type="module" src="index.jsx"></script>
  </body>
</html>
`,
    "src/index.jsx": `import { createRoot } from "react-dom/client";
import App from "./App";

createRoot(document.getElementById("app")).render(<App />);
`,
    "src/App.jsx": counterApp("Hello from Parcel"),
  },
  page: { text: "Hello from Parcel", selector: "h1", counter: "button" },
  edit: { file: "src/App.jsx", from: "Hello from Parcel", to: "Edited in Parcel", follows: "hot" },
};
