import { packageJson } from "../package-json.ts";
import { staticPage } from "../static-page.ts";
import type { Sample } from "../sample.ts";

export const liveServer1: Sample = {
  name: "live-server-1",
  title: "live-server 1",
  framework: "live-server",
  version: { npm: "live-server" },
  files: {
    ...staticPage("live-server"),
    "package.json": packageJson({
      scripts: { start: "live-server" },
      devDependencies: { "live-server": "^1.2.2" },
    }),
  },
  page: { text: "Hello from live-server", selector: "h1", counter: "button" },
  edit: { file: "index.html", from: "Hello from live-server", to: "Edited in live-server", follows: "reload" },
};
