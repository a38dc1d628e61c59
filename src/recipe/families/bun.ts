import { joined } from "../recipe.ts";
import type { Recipe } from "../recipe.ts";

/** Bun's own server of HTML files: it checks Host and the Origin of sockets, and moves from a taken port. */
const bunHtml: Recipe = {
  framework: "bun-html",
  runtime: "bun",
  serves: "pages",
  commands: [{ programs: ["bun"], argument: /\.html$/ }],
  projects: [{ files: ["index.html"], beside: ["bun.lock", "bun.lockb", "bunfig.toml"], command: "bun ./{file}" }],
  defaultPort: 3000,
  arguments: [joined(["--host", "--hostname"], "{host}"), joined("--port", "{port}")],
  repeated: "last",
  env: {},
  whenTaken: "moves",
  hostMode: "local",
  socketScript: false,
};

const names = ["index", "server", "app", "src/index", "src/server"];

/** A server of the project's own code; Bun.serve reads PORT by itself. */
const bunServer: Recipe = {
  framework: "bun",
  runtime: "bun",
  serves: "api",
  commands: [{ programs: ["bun"], argument: /\.[cm]?[jt]sx?$/, notVerbs: ["build", "test", "install", "add"] }],
  projects: [
    {
      files: names.flatMap((name) => [`${name}.ts`, `${name}.tsx`, `${name}.js`]),
      content: /\bBun\.serve\s*\(/,
      command: "bun --watch {file}",
    },
  ],
  defaultPort: 3000,
  arguments: [],
  repeated: "last",
  variable: "PORT",
  env: {},
  whenTaken: "hangs",
  hostMode: "local",
  socketScript: false,
};

export const bunRecipes: readonly Recipe[] = [bunHtml, bunServer];
