import type { Sample } from "../sample.ts";
import { viteProject } from "./vite-project.ts";

/** A changed component starts anew with its state; so the counter is not in the one that is edited. */
export const viteSolid: Sample = {
  name: "vite-solid",
  title: "Vite + Solid 1",
  framework: "vite",
  version: { npm: "vite" },
  files: {
    ...viteProject({
      title: "Vite + Solid 1",
      entry: "src/index.jsx",
      body: `<div id="root"></div>`,
      plugin: "vite-plugin-solid",
      dependencies: { "solid-js": "^1.9.0" },
      devDependencies: { vite: "^8.0.0", "vite-plugin-solid": "^2.11.0" },
    }),
    "src/index.jsx": `/* @refresh reload */
import { render } from "solid-js/web";
import App from "./App.jsx";

render(() => <App />, document.getElementById("root"));
`,
    "src/App.jsx": `import { createSignal } from "solid-js";
import Greeting from "./Greeting.jsx";

export default function App() {
  const [count, setCount] = createSignal(0);
  return (
    <main>
      <Greeting />
      <button type="button" onClick={() => setCount(count() + 1)}>
        Count is {count()}
      </button>
    </main>
  );
}
`,
    "src/Greeting.jsx": `export default function Greeting() {
  return <h1>Hello from Solid</h1>;
}
`,
  },
  page: { text: "Hello from Solid", selector: "h1", counter: "button" },
  edit: { file: "src/Greeting.jsx", from: "Hello from Solid", to: "Edited with Solid", follows: "hot" },
};
