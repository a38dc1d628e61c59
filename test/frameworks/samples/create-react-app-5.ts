import { packageJson } from "../package-json.ts";
import { counterApp, reactPage } from "../react-files.ts";
import type { Sample } from "../sample.ts";

export const createReactApp5: Sample = {
  name: "create-react-app-5",
  title: "Create React App 5",
  framework: "create-react-app",
  version: { npm: "react-scripts" },
  files: {
    "package.json": packageJson({
      scripts: { start: "react-scripts start", build: "react-scripts build", eject: "react-scripts eject" },
      dependencies: { react: "^19.3.0", "react-dom": "^19.3.0", "react-scripts": "5.0.1" },
      browserslist: {
        production: [">0.2%", "not dead", "not op_mini all"],
        development: ["last 1 chrome version", "last 1 firefox version", "last 1 safari version"],
      },
    }),
    "public/index.html": reactPage("React App"),
    "src/index.js": `import React from "react";
import ReactDOM from "react-dom/client";
import App from "./App";

ReactDOM.createRoot(document.getElementById("root")).render(<App />);
`,
    "src/App.js": counterApp("Hello from Create React App"),
  },
  page: { text: "Hello from Create React App", selector: "h1", counter: "button" },
  edit: {
    file: "src/App.js",
    from: "Hello from Create React App",
    to: "Edited in Create React App",
    follows: "hot",
  },
};
