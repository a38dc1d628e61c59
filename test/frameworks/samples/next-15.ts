import type { Sample } from "../sample.ts";
import { favicon, manifest } from "./vite-project.ts";

const packageJson = manifest({
  scripts: { dev: "next dev", build: "next build", start: "next start" },
  dependencies: { next: "^15.5.0", react: "19.1.0", "react-dom": "19.1.0" },
});

const config = `/** @type {import('next').NextConfig} */
const nextConfig = {};

export default nextConfig;
`;

const counter = `"use client";

import { useState } from "react";

export default function Counter() {
  const [count, setCount] = useState(0);
  return (
    <button type="button" id="counter" onClick={() => setCount(count + 1)}>
      Count is {count}
    </button>
  );
}
`;

/** App router with webpack, as create-next-app writes it without Turbopack, and a form with a server action. */
export const next15: Sample = {
  name: "next-15",
  title: "Next 15 (app router, webpack)",
  framework: "next",
  version: { npm: "next" },
  files: {
    "package.json": packageJson,
    "next.config.mjs": config,
    "app/icon.svg": favicon,
    "app/layout.js": `export const metadata = { title: "Create Next App" };

export default function RootLayout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
`,
    "app/counter.js": counter,
    "app/page.js": `import Counter from "./counter";
import Letter from "./letter";

export default function Home() {
  return (
    <main>
      <h1>Hello from Next</h1>
      <Counter />
      <Letter />
    </main>
  );
}
`,
    "app/actions.js": `"use server";

export async function receive(before, data) {
  return { name: data.get("name") };
}
`,
    "app/letter.js": `"use client";

import { useActionState } from "react";
import { receive } from "./actions";

export default function Letter() {
  const [sent, send] = useActionState(receive, null);
  return (
    <form action={send}>
      <input name="name" />
      <button type="submit">Send</button>
      {sent ? <p>Received {sent.name}</p> : null}
    </form>
  );
}
`,
  },
  page: { text: "Hello from Next", selector: "h1", counter: "#counter" },
  edit: { file: "app/page.js", from: "Hello from Next", to: "Edited with Next", follows: "hot" },
  form: { field: "input[name=name]", value: "Ada", submit: "button[type=submit]", shows: "Received Ada" },
};

/** Pages router, with a form that an API route answers. */
export const next15Pages: Sample = {
  name: "next-15-pages",
  title: "Next 15 (pages router)",
  framework: "next",
  version: { npm: "next" },
  files: {
    "package.json": packageJson,
    "next.config.mjs": config,
    "public/favicon.svg": favicon,
    "pages/_document.js": `import { Head, Html, Main, NextScript } from "next/document";

export default function Document() {
  return (
    <Html lang="en">
      <Head>
        <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
      </Head>
      <body>
        <Main />
        <NextScript />
      </body>
    </Html>
  );
}
`,
    "pages/index.js": `import { useState } from "react";

export default function Home() {
  const [count, setCount] = useState(0);
  return (
    <main>
      <h1>Hello from Next pages</h1>
      <button type="button" id="counter" onClick={() => setCount(count + 1)}>
        Count is {count}
      </button>
      <form method="post" action="/api/receive">
        <input name="name" />
        <button type="submit">Send</button>
      </form>
    </main>
  );
}
`,
    "pages/received.js": `export function getServerSideProps({ query }) {
  return { props: { name: query.name ?? "" } };
}

export default function Received({ name }) {
  return <p>Received {name}</p>;
}
`,
    "pages/api/receive.js": `export default function handler(request, response) {
  response.redirect(303, "/received?name=" + encodeURIComponent(request.body.name));
}
`,
  },
  page: { text: "Hello from Next pages", selector: "h1", counter: "#counter" },
  edit: {
    file: "pages/index.js",
    from: "Hello from Next pages",
    to: "Edited with Next pages",
    follows: "hot",
  },
  form: { field: "input[name=name]", value: "Ada", submit: "button[type=submit]", shows: "Received Ada" },
};
