import type { Sample } from "../sample.ts";

/** Pages, and a form that a server route answers by a redirect. */
export const nuxt4: Sample = {
  name: "nuxt-4",
  title: "Nuxt 4",
  framework: "nuxt",
  version: { npm: "nuxt" },
  node: 24,
  files: {
    "package.json": JSON.stringify({
      name: "sample-nuxt-4",
      private: true,
      type: "module",
      scripts: { dev: "nuxt dev" },
      dependencies: { nuxt: "^4.5.2", vue: "^3.5.45", "vue-router": "^5.5.1" },
    }),
    "nuxt.config.ts": `export default defineNuxtConfig({
  compatibilityDate: "2025-07-15",
  devtools: { enabled: true },
});
`,
    "app/app.vue": `<template>
  <NuxtPage />
</template>
`,
    "app/pages/index.vue": `<script setup>
const count = ref(0);
</script>

<template>
  <main>
    <h1>Hello from Nuxt</h1>
    <button type="button" id="counter" @click="count++">count is {{ count }}</button>
  </main>
</template>
`,
    "app/pages/greet.vue": `<script setup>
const { query } = useRoute();
</script>

<template>
  <form method="post" action="/api/greet">
    <input name="name" />
    <button type="submit">Greet</button>
    <p v-if="query.name">Welcome, {{ query.name }}!</p>
  </form>
</template>
`,
    "server/api/greet.post.ts": `export default defineEventHandler(async (event) => {
  const { name } = await readBody(event);
  return sendRedirect(event, "/greet?name=" + encodeURIComponent(name), 303);
});
`,
  },
  page: { text: "Hello from Nuxt", selector: "h1", counter: "#counter" },
  edit: { file: "app/pages/index.vue", from: "Hello from Nuxt", to: "Nuxt says hello again", follows: "hot" },
  form: {
    path: "/greet",
    field: "input[name=name]",
    value: "Ada",
    submit: "button[type=submit]",
    shows: "Welcome, Ada!",
  },
};
