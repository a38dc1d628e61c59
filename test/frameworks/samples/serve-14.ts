import { packageJson } from "../package-json.ts";
import { staticPage } from "../static-page.ts";
import type { Sample } from "../sample.ts";

export const serve14: Sample = {
  name: "serve-14",
  title: "serve 14",
  framework: "serve",
  version: { npm: "serve" },
  files: {
    ...staticPage("serve"),
    "package.json": packageJson({
      scripts: { start: "serve ." },
      devDependencies: { serve: "^14.2.0" },
    }),
  },
  page: { text: "Hello from serve", selector: "h1", counter: "button" },
  edit: { file: "index.html", from: "Hello from serve", to: "Edited in serve", follows: "manual" },
};
