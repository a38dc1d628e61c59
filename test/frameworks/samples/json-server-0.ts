import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

const posts = [{ id: 1, title: "Hello from json-server" }];

export const jsonServer0: Sample = {
  name: "json-server-0",
  title: "json-server 0.17",
  framework: "json-server",
  version: { npm: "json-server" },
  files: {
    "package.json": packageJson({
      scripts: { start: "json-server --watch db.json" },
      devDependencies: { "json-server": "^0.17.4" },
    }),
    "db.json": `${JSON.stringify({ posts }, null, 2)}\n`,
  },
  page: { path: "/posts", text: "Hello from json-server" },
  edit: { file: "db.json", from: "Hello from json-server", to: "Edited in json-server", follows: "manual" },
};
