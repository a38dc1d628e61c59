import type { Sample } from "../sample.ts";

const version = { npm: "next" };
const counter = `"use client";

import { useState } from "react";

export function Counter() {
  const [count, setCount] = useState(0);
  return <button type="button" id="counter" onClick={() => setCount(count + 1)}>count is {count}</button>;
}
`;
// the lock file of a folder above must not make that folder the root
const config = `export default { turbopack: { root: import.meta.dirname } };
`;

function manifest(name: string): string {
  return JSON.stringify({
    name,
    private: true,
    scripts: { dev: "next dev" },
    dependencies: { next: "^16.4.6", react: "^19.3.1", "react-dom": "^19.3.1" },
  });
}

/** App router, with a form that a server action answers. */
export const next16: Sample = {
  name: "next-16",
  title: "Next 16, app router",
  framework: "next",
  version,
  files: {
    "package.json": manifest("sample-next-16"),
    "next.config.mjs": config,
    "app/layout.jsx": `export const metadata = { title: "Next" };

export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
    "app/page.jsx": `import { Counter } from "./counter.jsx";

export default function Page() {
  return (
    <main>
      <h1>Hello from Next</h1>
      <Counter />
    </main>
  );
}
`,
    "app/counter.jsx": counter,
    "app/greet/page.jsx": `import { redirect } from "next/navigation";

async function greet(form) {
  "use server";
  redirect("/greet?name=" + encodeURIComponent(form.get("name")));
}

export default async function Page({ searchParams }) {
  const { name } = await searchParams;
  return (
    <form action={greet}>
      <input name="name" />
      <button type="submit">Greet</button>
      {name && <p>Welcome, {name}!</p>}
    </form>
  );
}
`,
  },
  page: { text: "Hello from Next", selector: "h1", counter: "#counter" },
  edit: { file: "app/page.jsx", from: "Hello from Next", to: "Next says hello again", follows: "hot" },
  form: {
    path: "/greet",
    field: "input[name=name]",
    value: "Ada",
    submit: "button[type=submit]",
    shows: "Welcome, Ada!",
  },
  note: "The form is a server action.",
};

/** Pages router, with a form that an API route answers by a redirect. */
export const next16Pages: Sample = {
  name: "next-16-pages",
  title: "Next 16, pages router",
  framework: "next",
  version,
  files: {
    "package.json": manifest("sample-next-16-pages"),
    "next.config.mjs": config,
    "pages/index.jsx": `import { Counter } from "../counter.jsx";

export default function Page() {
  return (
    <main>
      <h1>Hello from the pages router</h1>
      <Counter />
    </main>
  );
}
`,
    "counter.jsx": counter,
    "pages/greet.jsx": `export default function Page({ name }) {
  return (
    <form method="post" action="/api/greet">
      <input name="name" />
      <button type="submit">Greet</button>
      {name && <p>Welcome, {name}!</p>}
    </form>
  );
}

export function getServerSideProps({ query }) {
  return { props: { name: query.name ?? null } };
}
`,
    "pages/api/greet.js": `export default function handler(request, response) {
  response.redirect(303, "/greet?name=" + encodeURIComponent(request.body.name));
}
`,
  },
  page: { text: "Hello from the pages router", selector: "h1", counter: "#counter" },
  edit: { file: "pages/index.jsx", from: "Hello from the pages router", to: "The pages router again", follows: "hot" },
  form: {
    path: "/greet",
    field: "input[name=name]",
    value: "Ada",
    submit: "button[type=submit]",
    shows: "Welcome, Ada!",
  },
  note: "The form posts to an API route.",
};
