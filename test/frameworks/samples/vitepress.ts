import type { Sample } from "../sample.ts";
import { manifest } from "./vite-project.ts";

/** As `vitepress init` writes it into `docs`. A changed page starts anew, so the counter is in the layout around it. */
export const vitepress: Sample = {
  name: "vitepress",
  title: "VitePress 1",
  framework: "vitepress",
  version: { npm: "vitepress" },
  files: {
    "package.json": manifest({
      scripts: {
        "docs:dev": "vitepress dev docs",
        "docs:build": "vitepress build docs",
        "docs:preview": "vitepress preview docs",
      },
      devDependencies: { vitepress: "^1.6.4" },
    }),
    "docs/.vitepress/config.mjs": `import { defineConfig } from "vitepress";

export default defineConfig({ title: "My Awesome Project", description: "A VitePress Site" });
`,
    "docs/.vitepress/theme/index.js": `import DefaultTheme from "vitepress/theme";
import { h } from "vue";
import Counter from "./Counter.vue";

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { "nav-bar-content-after": () => h(Counter) }),
};
`,
    "docs/.vitepress/theme/Counter.vue": `<script setup>
import { ref } from "vue";

const count = ref(0);
</script>

<template>
  <button type="button" id="counter" @click="count++">Count is {{ count }}</button>
</template>
`,
    "docs/index.md": "# Hello from VitePress\n",
  },
  page: { text: "Hello from VitePress", selector: "h1", counter: "#counter" },
  edit: {
    file: "docs/index.md",
    from: "Hello from VitePress",
    to: "Edited with VitePress",
    follows: "hot",
  },
};
