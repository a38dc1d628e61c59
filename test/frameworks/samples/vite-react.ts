import type { Sample } from "../sample.ts";
import { viteProject } from "./vite-project.ts";
import type { Versions } from "./vite-project.ts";

interface Release {
  readonly major: number;
  readonly plugin: string;
  readonly react: string;
}

const app = `import { useState } from "react";

export default function App() {
  const [count, setCount] = useState(0);
  return (
    <main>
      <h1>Hello from Vite</h1>
      <button type="button" onClick={() => setCount(count + 1)}>
        Count is {count}
      </button>
    </main>
  );
}
`;

const main = `import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import App from "./App.jsx";

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
`;

/** The starter of create-vite for React, as it was for a major version of Vite. */
function viteReact({ major, plugin, react }: Release, note?: string): Sample {
  const dependencies: Versions = { react, "react-dom": react };
  return {
    name: `vite-${major}-react`,
    title: `Vite ${major} + React`,
    framework: "vite",
    version: { npm: "vite" },
    files: {
      ...viteProject({
        title: "Vite + React",
        entry: "src/main.jsx",
        body: `<div id="root"></div>`,
        plugin: "@vitejs/plugin-react",
        dependencies,
        devDependencies: { "@vitejs/plugin-react": plugin, vite: `^${major}.0.0` },
      }),
      "src/main.jsx": main,
      "src/App.jsx": app,
    },
    page: { text: "Hello from Vite", selector: "h1", counter: "button" },
    edit: { file: "src/App.jsx", from: "Hello from Vite", to: "Edited with Vite", follows: "hot" },
    ...(note === undefined ? {} : { note }),
  };
}

export const vite5React = viteReact({ major: 5, plugin: "^4.3.3", react: "^18.3.1" });
export const vite6React = viteReact({ major: 6, plugin: "^4.4.1", react: "^19.1.0" });
export const vite7React = viteReact({ major: 7, plugin: "^5.0.3", react: "^19.1.1" });
