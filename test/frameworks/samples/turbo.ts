import type { Sample } from "../sample.ts";
import { viteProject } from "./vite-project.ts";

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const web = viteProject({
  title: "Web",
  entry: "src/main.jsx",
  body: `<div id="root"></div>`,
  plugin: "@vitejs/plugin-react",
  dependencies: { "@repo/words": "*", react: "^19.2.0", "react-dom": "^19.2.0" },
  devDependencies: { "@vitejs/plugin-react": "^6.0.0", vite: "^8.0.0" },
});

const below = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));

/** `turbo run dev` in a workspace with one app and a package that is built before it. */
export const turbo: Sample = {
  name: "turbo",
  title: "Turborepo (turbo run dev, Vite)",
  framework: "vite",
  version: { npm: "turbo" },
  note: "Through `turbo run dev --filter`, as a package must be built before the app.",
  files: {
    "package.json": json({
      name: "acme",
      private: true,
      scripts: { build: "turbo run build", dev: "turbo run dev" },
      devDependencies: { turbo: "^2.11.0" },
      packageManager: "npm@11.0.0",
      workspaces: ["apps/*", "packages/*"],
    }),
    "turbo.json": json({
      tasks: {
        build: { dependsOn: ["^build"], outputs: ["dist/**"] },
        dev: { dependsOn: ["^build"], cache: false, persistent: true },
      },
    }),
    "packages/words/package.json": json({
      name: "@repo/words",
      version: "0.0.0",
      private: true,
      type: "module",
      exports: "./dist/words.js",
      scripts: { build: "mkdir -p dist && cp src/words.js dist/words.js" },
    }),
    "packages/words/src/words.js": `export const built = "built before it";\n`,
    ...below("apps/web", {
      ...web,
      "package.json": (web["package.json"] ?? "").replace(`"sample"`, `"web"`),
      "src/main.jsx": `import { createRoot } from "react-dom/client";
import App from "./App.jsx";

createRoot(document.getElementById("root")).render(<App />);
`,
      "src/App.jsx": `import { built } from "@repo/words";
import { useState } from "react";

export default function App() {
  const [count, setCount] = useState(0);
  return (
    <main>
      <h1>Hello from Turborepo, {built}</h1>
      <button type="button" onClick={() => setCount(count + 1)}>
        Count is {count}
      </button>
    </main>
  );
}
`,
    }),
  },
  page: { text: "Hello from Turborepo, built before it", selector: "h1", counter: "button" },
  edit: {
    file: "apps/web/src/App.jsx",
    from: "Hello from Turborepo",
    to: "Edited with Turborepo",
    follows: "hot",
  },
};
