import type { Sample } from "../sample.ts";
import { favicon, manifest } from "./vite-project.ts";

const root = `import { component$ } from "@builder.io/qwik";
import { QwikCityProvider, RouterOutlet } from "@builder.io/qwik-city";

export default component$(() => {
  return (
    <QwikCityProvider>
      <head>
        <meta charset="utf-8" />
        <title>Welcome to Qwik</title>
        <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
      </head>
      <body lang="en">
        <RouterOutlet />
      </body>
    </QwikCityProvider>
  );
});
`;

const index = `import { component$, useSignal } from "@builder.io/qwik";
import { Form, routeAction$ } from "@builder.io/qwik-city";

export const useReceive = routeAction$((data) => ({ name: String(data.name) }));

export default component$(() => {
  const count = useSignal(0);
  const receive = useReceive();
  return (
    <main>
      <h1>Hello from Qwik</h1>
      <button type="button" id="counter" onClick$={() => count.value++}>
        Count is {count.value}
      </button>
      <Form action={receive}>
        <input name="name" />
        <button type="submit">Send</button>
      </Form>
      {receive.value ? <p>Received {receive.value.name}</p> : null}
    </main>
  );
});
`;

/** Qwik City, as create-qwik writes it, with a route action. */
export const qwik: Sample = {
  name: "qwik",
  title: "Qwik 1 (Qwik City)",
  framework: "qwik",
  version: { npm: "@builder.io/qwik" },
  note: "Takes Vite's `--host`, `--port` and `--strictPort`.",
  files: {
    "package.json": manifest({
      scripts: {
        build: "qwik build",
        dev: "vite --mode ssr",
        "dev.debug": "node --inspect-brk ./node_modules/vite/bin/vite.js --mode ssr --force",
        preview: "qwik build preview && vite preview --open",
        start: "vite --open --mode ssr",
        qwik: "qwik",
      },
      devDependencies: {
        "@builder.io/qwik": "^1.20.0",
        "@builder.io/qwik-city": "^1.20.0",
        typescript: "5.4.5",
        undici: "*",
        vite: "^7.3.1",
        "vite-tsconfig-paths": "^4.2.1",
      },
    }),
    "vite.config.ts": `import { qwikCity } from "@builder.io/qwik-city/vite";
import { qwikVite } from "@builder.io/qwik/optimizer";
import { defineConfig } from "vite";
import tsconfigPaths from "vite-tsconfig-paths";

export default defineConfig({
  plugins: [qwikCity(), qwikVite(), tsconfigPaths({ root: "." })],
  server: { headers: { "Cache-Control": "public, max-age=0" } },
});
`,
    "tsconfig.json": `{
  "compilerOptions": {
    "target": "ES2020",
    "module": "ES2022",
    "lib": ["es2022", "DOM", "WebWorker", "DOM.Iterable"],
    "jsx": "react-jsx",
    "jsxImportSource": "@builder.io/qwik",
    "strict": true,
    "moduleResolution": "Bundler",
    "skipLibCheck": true,
    "noEmit": true,
    "paths": { "~/*": ["./src/*"] }
  },
  "include": ["src", "./*.d.ts", "./*.config.ts"]
}
`,
    "public/favicon.svg": favicon,
    "src/entry.ssr.tsx": `import { renderToStream, type RenderToStreamOptions } from "@builder.io/qwik/server";
import Root from "./root";

export default function (opts: RenderToStreamOptions) {
  return renderToStream(<Root />, { ...opts, containerAttributes: { lang: "en-us", ...opts.containerAttributes } });
}
`,
    "src/root.tsx": root,
    "src/routes/index.tsx": index,
  },
  page: { text: "Hello from Qwik", selector: "h1", counter: "#counter" },
  edit: { file: "src/routes/index.tsx", from: "Hello from Qwik", to: "Edited with Qwik", follows: "reload" },
  form: { field: "input[name=name]", value: "Ada", submit: "button[type=submit]", shows: "Received Ada" },
};
