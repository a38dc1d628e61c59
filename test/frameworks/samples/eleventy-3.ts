import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

export const eleventy3: Sample = {
  name: "eleventy-3",
  title: "Eleventy 3",
  framework: "eleventy",
  version: { npm: "@11ty/eleventy" },
  files: {
    "package.json": packageJson({
      type: "module",
      scripts: { build: "npx @11ty/eleventy", start: "npx @11ty/eleventy --serve --quiet" },
      devDependencies: { "@11ty/eleventy": "3.1.7" },
    }),
    "eleventy.config.js": `export default function (eleventyConfig) {
  eleventyConfig.addShortcode("year", () => String(new Date().getFullYear()));
}

export const config = { dir: { input: "content", includes: "../_includes" } };
`,
    "_includes/base.njk": `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{{ title }}</title>
  </head>
  <body>
    {{ content | safe }}
    <button onclick="this.textContent = 'Clicked ' + ++this.value + ' times'" value="0">Clicked 0 times</button>
    <footer>{% year %}</footer>
  </body>
</html>
`,
    "content/index.md": "---\nlayout: base.njk\ntitle: Eleventy\n---\n\n# Hello from Eleventy\n",
  },
  page: { text: "Hello from Eleventy", selector: "h1" },
  edit: { file: "content/index.md", from: "Hello from Eleventy", to: "Edited in Eleventy", follows: "hot" },
  note: "The server puts the difference into the page.",
};
