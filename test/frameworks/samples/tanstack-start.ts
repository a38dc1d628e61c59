import type { Sample } from "../sample.ts";
import { favicon, manifest } from "./vite-project.ts";

const root = `import { createRootRoute, HeadContent, Outlet, Scripts } from "@tanstack/react-router";

export const Route = createRootRoute({
  head: () => ({
    meta: [{ charSet: "utf-8" }, { title: "TanStack Start Starter" }],
    links: [{ rel: "icon", type: "image/svg+xml", href: "/favicon.svg" }],
  }),
  shellComponent: ({ children }) => (
    <html lang="en">
      <head>
        <HeadContent />
      </head>
      <body>
        {children}
        <Scripts />
      </body>
    </html>
  ),
  component: () => <Outlet />,
});
`;

const home = `import { createFileRoute } from "@tanstack/react-router";
import { createServerFn } from "@tanstack/react-start";
import { useState } from "react";

const receive = createServerFn({ method: "POST" })
  .validator((name) => String(name))
  .handler(async ({ data }) => ({ message: "Received " + data, at: typeof window }));

export const Route = createFileRoute("/")({ component: Home });

function Home() {
  const [count, setCount] = useState(0);
  const [name, setName] = useState("");
  const [sent, setSent] = useState();
  return (
    <main>
      <h1>Hello from TanStack Start</h1>
      <button type="button" id="counter" onClick={() => setCount(count + 1)}>
        Count is {count}
      </button>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          setSent(await receive({ data: name }));
        }}
      >
        <input name="name" value={name} onChange={(event) => setName(event.target.value)} />
        <button type="submit">Send</button>
      </form>
      {sent?.at === "undefined" ? <p>{sent.message}</p> : null}
    </main>
  );
}
`;

/** React, with a server function that a form calls. */
export const tanstackStart: Sample = {
  name: "tanstack-start",
  title: "TanStack Start (React)",
  framework: "tanstack-start",
  version: { npm: "@tanstack/react-start" },
  node: 24,
  files: {
    "package.json": manifest({
      scripts: { dev: "vite dev --port 3000", build: "vite build", preview: "vite preview" },
      dependencies: {
        "@tanstack/react-router": "^1.169.0",
        "@tanstack/react-start": "^1.169.0",
        react: "^19.2.0",
        "react-dom": "^19.2.0",
      },
      devDependencies: { "@vitejs/plugin-react": "^6.0.0", vite: "^8.0.0" },
    }),
    "vite.config.js": `import { tanstackStart } from "@tanstack/react-start/plugin/vite";
import viteReact from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [tanstackStart(), viteReact()] });
`,
    "tsconfig.json": `{ "compilerOptions": { "jsx": "react-jsx", "moduleResolution": "Bundler", "module": "ESNext", "allowJs": true } }\n`,
    "public/favicon.svg": favicon,
    "src/router.tsx": `import { createRouter } from "@tanstack/react-router";
import { routeTree } from "./routeTree.gen";

export function getRouter() {
  return createRouter({ routeTree, scrollRestoration: true });
}
`,
    "src/routes/__root.tsx": root,
    "src/routes/index.tsx": home,
  },
  page: { text: "Hello from TanStack Start", selector: "h1", counter: "#counter" },
  edit: {
    file: "src/routes/index.tsx",
    from: "Hello from TanStack Start",
    to: "Edited with TanStack Start",
    follows: "hot",
  },
  form: { field: "input[name=name]", value: "Ada", submit: "button[type=submit]", shows: "Received Ada" },
};
