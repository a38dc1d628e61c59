import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

export const hono4: Sample = {
  name: "hono-4",
  title: "Hono 4, `tsx watch`",
  framework: "hono",
  version: { npm: "hono" },
  files: {
    "package.json": packageJson({
      type: "module",
      scripts: { dev: "tsx watch src/index.ts", build: "tsc", start: "node dist/index.js" },
      dependencies: { "@hono/node-server": "^2.1.0", hono: "^4.13.0" },
      devDependencies: { "@types/node": "^24.0.0", tsx: "^4.23.0", typescript: "^5.8.3" },
    }),
    "src/index.ts": `import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono();

app.get("/", (c) => c.html("<!doctype html><title>Hono</title><h1>Hello from Hono</h1>"));

serve({ fetch: app.fetch, port: 3000 }, (info) => {
  console.log(\`Server is running on http://localhost:\${info.port}\`);
});
`,
  },
  page: { text: "Hello from Hono", selector: "h1" },
  edit: { file: "src/index.ts", from: "Hello from Hono", to: "Edited in Hono", follows: "manual" },
  problems: ["bound_other_port"],
  note: "The template fixes port 3000, which is followed.",
};
