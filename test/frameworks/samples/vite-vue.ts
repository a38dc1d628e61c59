import type { Sample } from "../sample.ts";
import { viteProject } from "./vite-project.ts";

export const viteVue: Sample = {
  name: "vite-vue",
  title: "Vite + Vue 3",
  framework: "vite",
  version: { npm: "vite" },
  files: {
    ...viteProject({
      title: "Vite + Vue 3",
      entry: "src/main.js",
      body: `<div id="app"></div>`,
      plugin: "@vitejs/plugin-vue",
      dependencies: { vue: "^3.5.0" },
      devDependencies: { "@vitejs/plugin-vue": "^6.0.0", vite: "^8.0.0" },
    }),
    "src/main.js": `import { createApp } from "vue";
import App from "./App.vue";

createApp(App).mount("#app");
`,
    "src/App.vue": `<script setup>
import { ref } from "vue";

const count = ref(0);
</script>

<template>
  <h1>Hello from Vue</h1>
  <button type="button" @click="count++">Count is {{ count }}</button>
</template>
`,
  },
  page: { text: "Hello from Vue", selector: "h1", counter: "button" },
  edit: { file: "src/App.vue", from: "Hello from Vue", to: "Edited with Vue", follows: "hot" },
};
