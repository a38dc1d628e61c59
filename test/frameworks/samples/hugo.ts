import type { Sample } from "../sample.ts";

const frame = `<!doctype html>
<html lang="{{ .Site.LanguageCode }}">
  <head>
    <title>{{ .Title }}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="{{ "site.css" | absURL }}" />
  </head>
  <body>
    {{ block "main" . }}{{ end }}
  </body>
</html>
`;

export const hugo: Sample = {
  name: "hugo",
  title: "Hugo",
  framework: "hugo",
  version: { command: ["hugo", "version"] },
  needs: [{ program: "hugo", debian: "hugo" }],
  files: {
    "hugo.toml": 'baseURL = "https://example.org/"\nlanguageCode = "en"\ntitle = "Notes"\n',
    "content/_index.md": "---\ntitle: Notes\n---\n\n# Hello from Hugo\n",
    "content/posts/first.md": "---\ntitle: First\n---\n\nThe first note.\n",
    "layouts/_default/baseof.html": frame,
    "layouts/_default/single.html": '{{ define "main" }}{{ .Content }}{{ end }}\n',
    "layouts/_default/list.html": '{{ define "main" }}{{ .Content }}{{ end }}\n',
    "static/site.css": "h1 { color: teal }\n",
  },
  page: { text: "Hello from Hugo", selector: "h1" },
  edit: { file: "content/_index.md", from: "Hello from", to: "Edited in", follows: "reload" },
};
