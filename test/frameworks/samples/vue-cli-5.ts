import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

const app = `<template>
  <main>
    <HelloWorld msg="Vue CLI" />
    <button @click="count += 1">Clicked {{ count }} times</button>
  </main>
</template>

<script>
import HelloWorld from "./components/HelloWorld.vue";

export default {
  name: "App",
  components: { HelloWorld },
  data() {
    return { count: 0 };
  },
};
</script>
`;

const helloWorld = `<template>
  <h1>Hello from {{ msg }}</h1>
</template>

<script>
export default {
  name: "HelloWorld",
  props: { msg: String },
};
</script>
`;

export const vueCli5: Sample = {
  name: "vue-cli-5",
  title: "Vue CLI 5",
  framework: "vue-cli",
  version: { npm: "@vue/cli-service" },
  files: {
    "package.json": packageJson({
      scripts: { serve: "vue-cli-service serve", build: "vue-cli-service build" },
      dependencies: { "core-js": "^3.8.3", vue: "^3.2.13" },
      devDependencies: {
        "@babel/core": "^7.12.16",
        "@vue/cli-plugin-babel": "~5.0.0",
        "@vue/cli-service": "~5.0.0",
      },
      browserslist: ["> 1%", "last 2 versions", "not dead", "not ie 11"],
    }),
    "babel.config.js": 'module.exports = { presets: ["@vue/cli-plugin-babel/preset"] };\n',
    "vue.config.js": `const { defineConfig } = require("@vue/cli-service");

module.exports = defineConfig({ transpileDependencies: true });
`,
    "public/index.html": `<!DOCTYPE html>
<html lang="">
  <head>
    <meta charset="utf-8">
    <link rel="icon" href="data:,">
    <title><%= htmlWebpackPlugin.options.title %></title>
  </head>
  <body>
    <div id="app"></div>
  </body>
</html>
`,
    "src/main.js": `import { createApp } from "vue";
import App from "./App.vue";

createApp(App).mount("#app");
`,
    "src/App.vue": app,
    "src/components/HelloWorld.vue": helloWorld,
  },
  page: { text: "Hello from Vue CLI", selector: "h1", counter: "button" },
  edit: {
    file: "src/components/HelloWorld.vue",
    from: "Hello from",
    to: "Edited in",
    shows: "Edited in Vue CLI",
    follows: "hot",
  },
};
