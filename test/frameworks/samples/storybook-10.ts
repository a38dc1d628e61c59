import type { Sample } from "../sample.ts";
import { manifest } from "./vite-project.ts";

/** What `storybook init` adds to a Vite project; the page is the frame in which a story is shown. */
export const storybook10: Sample = {
  name: "storybook-10",
  title: "Storybook 10 (React, Vite)",
  framework: "storybook",
  version: { npm: "storybook" },
  note: "The frame of a story; its hot reload dials the dev port.",
  node: 24,
  files: {
    "package.json": manifest({
      scripts: { storybook: "storybook dev -p 6006", "build-storybook": "storybook build" },
      dependencies: { react: "^19.2.0", "react-dom": "^19.2.0" },
      devDependencies: {
        "@storybook/react-vite": "^10.6.0",
        "@vitejs/plugin-react": "^6.0.0",
        storybook: "^10.6.0",
        vite: "^8.0.0",
      },
    }),
    "vite.config.js": `import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [react()] });
`,
    ".storybook/main.js": `export default {
  stories: ["../src/**/*.stories.@(js|jsx)"],
  framework: "@storybook/react-vite",
};
`,
    ".storybook/preview.js": `export default { parameters: {} };\n`,
    "src/Button.jsx": `import { useState } from "react";

export function Button() {
  const [count, setCount] = useState(0);
  return (
    <main>
      <h1>Hello from Storybook</h1>
      <button type="button" id="counter" onClick={() => setCount(count + 1)}>
        Count is {count}
      </button>
    </main>
  );
}
`,
    "src/Button.stories.jsx": `import { Button } from "./Button.jsx";

export default { title: "Example/Button", component: Button };

export const Primary = {};
`,
  },
  page: {
    path: "/iframe.html?id=example-button--primary&viewMode=story",
    text: "Hello from Storybook",
    selector: "#storybook-root h1",
    counter: "#counter",
  },
  edit: { file: "src/Button.jsx", from: "Hello from Storybook", to: "Edited with Storybook", follows: "hot" },
};
