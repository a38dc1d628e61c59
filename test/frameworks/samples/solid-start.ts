import type { Sample } from "../sample.ts";
import { favicon, manifest } from "./vite-project.ts";

const app = `import { Router } from "@solidjs/router";
import { FileRoutes } from "@solidjs/start/router";
import { Suspense } from "solid-js";

export default function App() {
  return (
    <Router root={(props) => <Suspense>{props.children}</Suspense>}>
      <FileRoutes />
    </Router>
  );
}
`;

const index = `import { action, useSubmission } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import Greeting from "../components/Greeting";

const receive = action(async (data) => {
  "use server";
  return "Received " + data.get("name");
}, "receive");

export default function Home() {
  const [count, setCount] = createSignal(0);
  const sent = useSubmission(receive);
  return (
    <main>
      <Greeting />
      <button type="button" id="counter" onClick={() => setCount(count() + 1)}>
        Count is {count()}
      </button>
      <form action={receive} method="post">
        <input name="name" />
        <button type="submit">Send</button>
      </form>
      <Show when={sent.result}>
        <p>{sent.result}</p>
      </Show>
    </main>
  );
}
`;

/** What both releases of the starter have below `src`, with an action that runs on the server. */
const source = {
  "public/favicon.svg": favicon,
  "src/app.jsx": app,
  "src/entry-client.jsx": `import { mount, StartClient } from "@solidjs/start/client";

mount(() => <StartClient />, document.getElementById("app"));
`,
  "src/entry-server.jsx": `import { createHandler, StartServer } from "@solidjs/start/server";

export default createHandler(() => (
  <StartServer
    document={({ assets, children, scripts }) => (
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
          {assets}
        </head>
        <body>
          <div id="app">{children}</div>
          {scripts}
        </body>
      </html>
    )}
  />
));
`,
  "src/components/Greeting.jsx": `export default function Greeting() {
  return <h1>Hello from SolidStart</h1>;
}
`,
  "src/routes/index.jsx": index,
};

const shown = {
  page: { text: "Hello from SolidStart", selector: "h1", counter: "#counter" },
  edit: {
    file: "src/components/Greeting.jsx",
    from: "Hello from SolidStart",
    to: "Edited with SolidStart",
    follows: "hot",
  },
  form: { field: "input[name=name]", value: "Ada", submit: "button[type=submit]", shows: "Received Ada" },
} as const satisfies Partial<Sample>;

export const solidStart1: Sample = {
  ...shown,
  name: "solid-start-1",
  title: "SolidStart 1 (Vinxi)",
  framework: "vinxi",
  version: { npm: "@solidjs/start" },
  note: "Hot reload has a random port for each router, and goes through the gateway all the same. A taken port is left for 3000.",
  files: {
    ...source,
    "package.json": manifest({
      scripts: { dev: "vinxi dev", build: "vinxi build", start: "vinxi start" },
      dependencies: {
        "@solidjs/router": "^0.15.0",
        "@solidjs/start": "^1.1.0",
        "solid-js": "^1.9.5",
        vinxi: "^0.5.7",
      },
    }),
    "app.config.js": `import { defineConfig } from "@solidjs/start/config";

export default defineConfig({});
`,
  },
};

export const solidStart2: Sample = {
  ...shown,
  name: "solid-start-2",
  title: "SolidStart 2",
  framework: "solid-start",
  version: { npm: "@solidjs/start" },
  note: "Nitro tells scripts from pages by headers that browsers send to trusted origins alone: https, or `*.localhost` as here over http.",
  node: 24,
  trustedOrigin: true,
  // its toolbar needs a CommonJS package that nothing converts
  ownErrors: [/resolve-uri\.umd\.js\S* does not provide an export named 'default'/],
  files: {
    ...source,
    "package.json": manifest({
      scripts: {
        dev: "vite dev",
        build: "vite build",
        start: "node .output/server/index.mjs",
        preview: "vite preview",
      },
      dependencies: {
        "@solidjs/router": "^0.16.0",
        "@solidjs/start": "^2.0.0",
        nitro: "^3.0.260610-beta",
        "solid-js": "^1.9.14",
        vite: "^8.0.0",
      },
    }),
    "vite.config.js": `import { solidStart } from "@solidjs/start/config";
import { nitro } from "nitro/vite";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [solidStart(), nitro()] });
`,
  },
};
