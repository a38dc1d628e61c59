import { packageJson } from "../package-json.ts";
import { staticPage } from "../static-page.ts";
import type { Sample } from "../sample.ts";

export const httpServer14: Sample = {
  name: "http-server-14",
  title: "http-server 14",
  framework: "http-server",
  version: { npm: "http-server" },
  files: {
    ...staticPage("http-server"),
    "package.json": packageJson({
      scripts: { start: "http-server -o" },
      devDependencies: { "http-server": "^14.1.0" },
    }),
  },
  page: { text: "Hello from http-server", selector: "h1", counter: "button" },
  edit: { file: "index.html", from: "Hello from http-server", to: "Edited in http-server", follows: "manual" },
};
