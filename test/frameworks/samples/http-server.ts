import type { Sample } from "../sample.ts";

const page = `<!doctype html>
<html lang="en">
  <head>
    <title>Files</title>
    <link rel="icon" href="data:," />
  </head>
  <body>
    <h1>Hello from http.server</h1>
  </body>
</html>
`;

/** A folder of files would be served by the plane's own program, so a Procfile.dev asks for Python's. */
export const httpServer: Sample = {
  name: "http-server-procfile-dev",
  title: "python3 -m http.server (Procfile.dev)",
  framework: "http.server",
  version: { command: ["python3", "--version"] },
  needs: [{ program: "python3", debian: "python3" }],
  files: { "Procfile.dev": "web: python3 -m http.server 8000 --directory site\n", "site/index.html": page },
  page: { text: "Hello from http.server", selector: "h1" },
  edit: { file: "site/index.html", from: "Hello from", to: "Edited in", follows: "manual" },
};
