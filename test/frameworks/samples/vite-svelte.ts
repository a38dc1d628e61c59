import type { Sample } from "../sample.ts";
import { viteProject } from "./vite-project.ts";

/** A changed component starts anew with its state; so the counter is not in the one that is edited. */
export const viteSvelte: Sample = {
  name: "vite-svelte",
  title: "Vite + Svelte 5",
  framework: "vite",
  version: { npm: "vite" },
  files: {
    ...viteProject({
      title: "Vite + Svelte 5",
      entry: "src/main.js",
      body: `<div id="app"></div>`,
      dependencies: {},
      devDependencies: { "@sveltejs/vite-plugin-svelte": "^7.0.0", svelte: "^5.0.0", vite: "^8.0.0" },
    }),
    "vite.config.js": `import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [svelte()] });
`,
    "src/main.js": `import { mount } from "svelte";
import App from "./App.svelte";

export default mount(App, { target: document.getElementById("app") });
`,
    "src/App.svelte": `<script>
  import Greeting from "./lib/Greeting.svelte";

  let count = $state(0);
</script>

<Greeting />
<button type="button" onclick={() => count++}>Count is {count}</button>
`,
    "src/lib/Greeting.svelte": `<h1>Hello from Svelte</h1>\n`,
  },
  page: { text: "Hello from Svelte", selector: "h1", counter: "button" },
  edit: { file: "src/lib/Greeting.svelte", from: "Hello from Svelte", to: "Edited with Svelte", follows: "hot" },
};
