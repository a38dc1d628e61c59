import { packageJson } from "../package-json.ts";
import { staticPage } from "../static-page.ts";
import type { Sample } from "../sample.ts";

export const browserSync3: Sample = {
  name: "browser-sync-3",
  title: "Browsersync 3",
  framework: "browser-sync",
  version: { npm: "browser-sync" },
  files: {
    ...staticPage("browser-sync"),
    "package.json": packageJson({
      scripts: { start: "browser-sync start --server --files '*.html'" },
      devDependencies: { "browser-sync": "^3.0.4" },
    }),
  },
  page: { text: "Hello from browser-sync", selector: "h1", counter: "button" },
  edit: { file: "index.html", from: "Hello from browser-sync", to: "Edited in browser-sync", follows: "reload" },
};
