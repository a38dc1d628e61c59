import type { Sample } from "../sample.ts";
import { favicon, manifest } from "./vite-project.ts";

const root = `import { Links, Meta, Outlet, Scripts, ScrollRestoration } from "react-router";

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
      </body>
    </html>
  );
}

export default function App() {
  return <Outlet />;
}
`;

const home = `import { useState } from "react";
import { Form } from "react-router";

export function meta() {
  return [{ title: "New React Router App" }];
}

export async function action({ request }) {
  const data = await request.formData();
  return { name: data.get("name") };
}

export default function Home({ actionData }) {
  const [count, setCount] = useState(0);
  return (
    <main>
      <h1>Hello from React Router</h1>
      <button type="button" id="counter" onClick={() => setCount(count + 1)}>
        Count is {count}
      </button>
      <Form method="post">
        <input name="name" />
        <button type="submit">Send</button>
      </Form>
      {actionData ? <p>Received {actionData.name}</p> : null}
    </main>
  );
}
`;

/** Framework mode, as create-react-router writes it, with an action. */
export const reactRouter8: Sample = {
  name: "react-router-8",
  title: "React Router 8 (framework mode)",
  framework: "react-router",
  version: { npm: "react-router" },
  node: 24,
  files: {
    "package.json": manifest({
      scripts: {
        build: "react-router build",
        dev: "react-router dev",
        start: "react-router-serve ./build/server/index.js",
      },
      dependencies: {
        "@react-router/node": "~8.4.0",
        "@react-router/serve": "~8.4.0",
        isbot: "^5.1.36",
        react: "^19.2.7",
        "react-dom": "^19.2.7",
        "react-router": "~8.4.0",
      },
      devDependencies: { "@react-router/dev": "~8.4.0", vite: "^8.0.0" },
    }),
    "vite.config.js": `import { reactRouter } from "@react-router/dev/vite";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [reactRouter()] });
`,
    "public/favicon.svg": favicon,
    "app/root.jsx": root,
    "app/routes.js": `import { index } from "@react-router/dev/routes";

export default [index("routes/home.jsx")];
`,
    "app/routes/home.jsx": home,
  },
  page: { text: "Hello from React Router", selector: "h1", counter: "#counter" },
  edit: {
    file: "app/routes/home.jsx",
    from: "Hello from React Router",
    to: "Edited with React Router",
    follows: "hot",
  },
  form: { field: "input[name=name]", value: "Ada", submit: "button[type=submit]", shows: "Received Ada" },
};
