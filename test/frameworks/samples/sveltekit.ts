import type { Sample } from "../sample.ts";

const files = {
  "src/app.html": `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>SvelteKit</title>%sveltekit.head%</head>
  <body><div>%sveltekit.body%</div></body>
</html>
`,
  // an edited component starts anew; the state that is to outlive the edit is its parent's
  "src/routes/+layout.svelte": `<script>
  let { children } = $props();
  let count = $state(0);
</script>

<button type="button" id="counter" onclick={() => (count += 1)}>count is {count}</button>
{@render children()}
`,
  "src/routes/+page.svelte": `<h1>Hello from SvelteKit</h1>
`,
  "src/routes/greet/+page.svelte": `<script>
  import { enhance } from "$app/forms";
  let { form } = $props();
</script>

<form method="post" use:enhance>
  <input name="name" />
  <button type="submit">Greet</button>
</form>
{#if form}<p>Welcome, {form.name}!</p>{/if}
`,
  "src/routes/greet/+page.server.js": `export const actions = {
  default: async ({ request }) => ({ name: (await request.formData()).get("name") }),
};
`,
};

function onSvelteKit(devDependencies: Record<string, string>): Omit<Sample, "name" | "title"> {
  const manifest = { name: "sample-sveltekit", private: true, type: "module", scripts: { dev: "vite dev" } };
  return {
    framework: "sveltekit",
    version: { npm: "@sveltejs/kit" },
    files: {
      ...files,
      "package.json": JSON.stringify({
        ...manifest,
        devDependencies: {
          "@sveltejs/vite-plugin-svelte": "^7.3.1",
          svelte: "^5.57.3",
          vite: "^8.3.8",
          ...devDependencies,
        },
      }),
    },
    page: { text: "Hello from SvelteKit", selector: "h1", counter: "#counter" },
    edit: {
      file: "src/routes/+page.svelte",
      from: "Hello from SvelteKit",
      to: "SvelteKit says hello again",
      follows: "hot",
    },
    form: {
      path: "/greet",
      field: "input[name=name]",
      value: "Ada",
      submit: "button[type=submit]",
      shows: "Welcome, Ada!",
    },
    note: "The form is a form action.",
  };
}

const two = onSvelteKit({ "@sveltejs/adapter-auto": "^7.0.1", "@sveltejs/kit": "^2.70.4" });
const three = onSvelteKit({ "@sveltejs/adapter-node": "^6.0.1", "@sveltejs/kit": "^3.2.0" });

export const sveltekit2: Sample = {
  ...two,
  name: "sveltekit-2",
  title: "SvelteKit 2",
  files: {
    ...two.files,
    "vite.config.js": `import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [sveltekit()] });
`,
    "svelte.config.js": `import adapter from "@sveltejs/adapter-auto";

export default { kit: { adapter: adapter() } };
`,
  },
};

/** Its configuration is Vite's. */
export const sveltekit3: Sample = {
  ...three,
  name: "sveltekit-3",
  title: "SvelteKit 3",
  node: 24,
  files: {
    ...three.files,
    "vite.config.js": `import adapter from "@sveltejs/adapter-node";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [sveltekit({ adapter: adapter() })] });
`,
  },
};
