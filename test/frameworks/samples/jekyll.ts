import type { Sample } from "../sample.ts";

const frame = `<!doctype html>
<html lang="en">
  <head>
    <title>{{ page.title }}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="{{ "/site.css" | relative_url }}" />
  </head>
  <body>
    {{ content }}
    <ul>
      {% for post in site.posts %}<li><a href="{{ post.url | absolute_url }}">{{ post.title }}</a></li>{% endfor %}
    </ul>
  </body>
</html>
`;

/** Without a Gemfile, as a site of GitHub Pages may be. */
export const jekyll: Sample = {
  name: "jekyll",
  title: "Jekyll",
  framework: "jekyll",
  version: { command: ["jekyll", "--version"] },
  needs: [{ program: "jekyll", debian: "jekyll" }],
  files: {
    "_config.yml": "title: Notes\nmarkdown: kramdown\n",
    "_layouts/default.html": frame,
    "_posts/2026-01-02-first.md": "---\nlayout: default\ntitle: First\n---\n\nThe first note.\n",
    "index.md": "---\nlayout: default\ntitle: Notes\n---\n\n# Hello from Jekyll\n",
    "site.css": "h1 { color: teal }\n",
  },
  page: { text: "Hello from Jekyll", selector: "h1" },
  edit: { file: "index.md", from: "Hello from", to: "Edited in", follows: "manual" },
};
