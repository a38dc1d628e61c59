import type { Sample } from "../sample.ts";
import { viteProject } from "./vite-project.ts";

export const vitePreact: Sample = {
  name: "vite-preact",
  title: "Vite + Preact 10",
  framework: "vite",
  version: { npm: "vite" },
  files: {
    ...viteProject({
      title: "Vite + Preact 10",
      entry: "src/main.jsx",
      body: `<div id="app"></div>`,
      plugin: "@preact/preset-vite",
      dependencies: { preact: "^10.29.0" },
      devDependencies: { "@preact/preset-vite": "^2.10.0", vite: "^8.0.0" },
    }),
    "src/main.jsx": `import { render } from "preact";
import { App } from "./app.jsx";

render(<App />, document.getElementById("app"));
`,
    "src/app.jsx": `import { useState } from "preact/hooks";

export function App() {
  const [count, setCount] = useState(0);
  return (
    <main>
      <h1>Hello from Preact</h1>
      <button type="button" onClick={() => setCount(count + 1)}>
        Count is {count}
      </button>
    </main>
  );
}
`,
  },
  page: { text: "Hello from Preact", selector: "h1", counter: "button" },
  edit: { file: "src/app.jsx", from: "Hello from Preact", to: "Edited with Preact", follows: "hot" },
};
