import type { Sample } from "../sample.ts";
import { favicon, manifest } from "./vite-project.ts";

/** The classic compiler needs a component of its own to follow edits. */
function root(...reload: readonly "LiveReload"[]): string {
  return `import { ${["Links", "Meta", "Outlet", "Scripts", "ScrollRestoration", ...reload].join(", ")} } from "@remix-run/react";

export function Layout({ children }) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <ScrollRestoration />
        <Scripts />
        ${reload.map((name) => `<${name} />`).join("")}
      </body>
    </html>
  );
}

export default function App() {
  return <Outlet />;
}
`;
}

const index = `import { Form, useActionData } from "@remix-run/react";
import { useState } from "react";

export const meta = () => [{ title: "New Remix App" }];

export async function action({ request }) {
  const data = await request.formData();
  return { name: data.get("name") };
}

export default function Index() {
  const sent = useActionData();
  const [count, setCount] = useState(0);
  return (
    <main>
      <h1>Hello from Remix</h1>
      <button type="button" id="counter" onClick={() => setCount(count + 1)}>
        Count is {count}
      </button>
      <Form method="post">
        <input name="name" />
        <button type="submit">Send</button>
      </Form>
      {sent ? <p>Received {sent.name}</p> : null}
    </main>
  );
}
`;

/** Remix 2 with Vite, as create-remix writes it, with an action. */
export const remix2: Sample = {
  name: "remix-2",
  title: "Remix 2 (Vite)",
  framework: "remix",
  version: { npm: "@remix-run/dev" },
  note: "Takes Vite's `--host`, `--port` and `--strictPort`.",
  files: {
    "package.json": manifest({
      scripts: {
        build: "remix vite:build",
        dev: "remix vite:dev",
        start: "remix-serve ./build/server/index.js",
      },
      dependencies: {
        "@remix-run/node": "^2.17.0",
        "@remix-run/react": "^2.17.0",
        "@remix-run/serve": "^2.17.0",
        isbot: "^4.1.0",
        react: "^18.2.0",
        "react-dom": "^18.2.0",
      },
      devDependencies: { "@remix-run/dev": "^2.17.0", typescript: "^5.1.6", vite: "^5.4.0" },
    }),
    "vite.config.js": `import { vitePlugin as remix } from "@remix-run/dev";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [
    remix({
      future: {
        v3_fetcherPersist: true,
        v3_relativeSplatPath: true,
        v3_throwAbortReason: true,
        v3_singleFetch: true,
        v3_lazyRouteDiscovery: true,
      },
    }),
  ],
});
`,
    "public/favicon.svg": favicon,
    "app/root.jsx": root(),
    "app/routes/_index.jsx": index,
  },
  page: { text: "Hello from Remix", selector: "h1", counter: "#counter" },
  edit: { file: "app/routes/_index.jsx", from: "Hello from Remix", to: "Edited with Remix", follows: "hot" },
  form: {
    path: "/?index",
    field: "input[name=name]",
    value: "Ada",
    submit: "button[type=submit]",
    shows: "Received Ada",
  },
};

/** Remix 2 with its own compiler, as create-remix wrote it before Vite. */
export const remix2Classic: Sample = {
  name: "remix-2-classic",
  title: "Remix 2 (classic compiler)",
  framework: "remix",
  version: { npm: "@remix-run/dev" },
  note: "Hot reload has a random port, and goes through the gateway all the same.",
  files: {
    "package.json": manifest({
      scripts: { build: "remix build", dev: "remix dev --manual", start: "remix-serve ./build/index.js" },
      dependencies: {
        "@remix-run/node": "^2.17.0",
        "@remix-run/react": "^2.17.0",
        "@remix-run/serve": "^2.17.0",
        isbot: "^4.1.0",
        react: "^18.2.0",
        "react-dom": "^18.2.0",
      },
      devDependencies: { "@remix-run/dev": "^2.17.0", typescript: "^5.1.6" },
    }),
    "remix.config.js": `/** @type {import('@remix-run/dev').AppConfig} */
export default { ignoredRouteFiles: ["**/.*"] };
`,
    "public/favicon.svg": favicon,
    "app/root.jsx": root("LiveReload"),
    "app/routes/_index.jsx": index,
  },
  page: { text: "Hello from Remix", selector: "h1", counter: "#counter" },
  edit: { file: "app/routes/_index.jsx", from: "Hello from Remix", to: "Edited with Remix", follows: "forgets" },
  form: {
    path: "/?index",
    field: "input[name=name]",
    value: "Ada",
    submit: "button[type=submit]",
    shows: "Received Ada",
  },
};
