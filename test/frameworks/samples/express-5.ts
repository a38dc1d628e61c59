import { packageJson } from "../package-json.ts";
import type { Sample } from "../sample.ts";

export const express5: Sample = {
  name: "express-5",
  title: "Express 5, `node --watch`",
  framework: "express",
  version: { npm: "express" },
  files: {
    "package.json": packageJson({
      type: "module",
      scripts: { start: "node server.js", dev: "node --watch server.js" },
      dependencies: { express: "^5.3.0" },
    }),
    "server.js": `import express from "express";

const app = express();
const port = process.env.PORT ?? 3000;
const notes = [];

app.use(express.urlencoded({ extended: false }));
app.get("/", (request, response) => {
  response.send(\`<!doctype html>
<title>Express</title>
<h1>Hello from Express</h1>
<form method="post" action="/notes"><input name="note"><button>Add</button></form>
<ul>\${notes.map(() => "<li>A note</li>").join("")}</ul>\`);
});
app.post("/notes", (request, response) => {
  notes.push(request.body.note);
  response.redirect("/");
});
app.listen(port, () => console.log(\`listening on \${port}\`));
`,
  },
  page: { text: "Hello from Express", selector: "h1" },
  edit: { file: "server.js", from: "Hello from Express", to: "Edited in Express", follows: "manual" },
  form: { field: "input", value: "a note", submit: "form button", shows: "A note" },
};
