import { staticPage } from "../static-page.ts";
import type { Sample } from "../sample.ts";

export const staticFolder: Sample = {
  name: "static-folder",
  title: "A folder without package.json",
  framework: "static",
  version: { command: ["node", "--version"] },
  files: staticPage("a folder"),
  page: { text: "Hello from a folder", selector: "h1", counter: "button" },
  edit: { file: "index.html", from: "Hello from a folder", to: "Edited in a folder", follows: "manual" },
  note: "Served by the plane's own static server.",
};
